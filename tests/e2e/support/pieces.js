// Finds pieces of secrets in texts: as they are, percent-encoded, in base64.

/** A piece that is shorter says nothing, and longer ones consist of such pieces. */
const LENGTH = 16;

const KINDS = ['codes', 'accessTokens', 'refreshTokens', 'idTokens', 'nonces', 'states', 'codeVerifiers'];

/** One alphabet for both kinds of base64. */
const plain = (text) => text.replaceAll('-', '+').replaceAll('_', '/');

/** All pieces of a text. */
function* piecesOf(text) {
  for (let at = 0; at + LENGTH <= text.length; at += 1) yield text.slice(at, at + LENGTH);
}

/** What base64 makes of a text that stands anywhere in a longer one: there are three ways, by how many bytes come before. */
const inBase64 = (text) => [0, 1, 2].map((before) => Buffer.from(text).subarray(before).toString('base64').replace(/.{0,2}=*$/, ''));

/** A token without its header, which says nothing and is the same for all. */
const secretPart = (text) => (text.split('.').length === 3 ? text.slice(text.indexOf('.') + 1) : text);

/** Everything that the provider handed out or was sent until now, as pieces that tell whose they are. */
export function piecesOfSecrets(control) {
  const issued = control.issued();
  const pieces = new Map();
  let count = 0;
  for (const kind of KINDS) {
    for (const [index, secret] of issued[kind].entries()) {
      count += 1;
      for (const form of [secretPart(secret), ...inBase64(secret)]) for (const piece of piecesOf(plain(form))) pieces.set(piece, `${kind}[${index}]`);
    }
  }
  return { count, kinds: KINDS.filter((kind) => issued[kind].length > 0), pieces };
}

/** A text as it is, and with its percent-encoding undone as far as it has any. */
function readings(text) {
  const decoded = text.replaceAll(/(%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
  return decoded === text ? [text] : [text, decoded];
}

/** Where pieces of secrets were heard, as `place: secret`, each once. */
export function leaks({ pieces }, heard) {
  const found = new Set();
  for (const { place, text } of heard) {
    for (const reading of readings(text)) {
      for (const piece of piecesOf(plain(reading))) if (pieces.has(piece)) found.add(`${place}: ${pieces.get(piece)}`);
    }
  }
  return [...found];
}
