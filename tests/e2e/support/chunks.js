// Finds chunks of secrets in strings: as they are, percent-encoded, in base64.

/** A shorter chunk proves nothing, and longer ones consist of such chunks. */
const LENGTH = 16;

const KINDS = ['codes', 'accessTokens', 'refreshTokens', 'idTokens', 'nonces', 'states', 'codeVerifiers'];

/** One alphabet for both kinds of base64. */
const plain = (text) => text.replaceAll('-', '+').replaceAll('_', '/');

/** All chunks of a string. */
function* chunksOf(text) {
  for (let at = 0; at + LENGTH <= text.length; at += 1) yield text.slice(at, at + LENGTH);
}

/** What base64 makes of a string within a longer one: there are three ways, by how many bytes come before. */
const inBase64 = (text) => [0, 1, 2].map((before) => Buffer.from(text).subarray(before).toString('base64').replace(/.{0,2}=*$/, ''));

/** A token without its header, which is no secret and the same for all. */
const secretPart = (text) => (text.split('.').length === 3 ? text.slice(text.indexOf('.') + 1) : text);

/** Everything that the provider has issued or received until now, as chunks that map to their secret. */
export function chunksOfSecrets(control) {
  const issued = control.issued();
  const chunks = new Map();
  let count = 0;
  for (const kind of KINDS) {
    for (const [index, secret] of issued[kind].entries()) {
      count += 1;
      for (const form of [secretPart(secret), ...inBase64(secret)]) for (const chunk of chunksOf(plain(form))) chunks.set(chunk, `${kind}[${index}]`);
    }
  }
  return { count, kinds: KINDS.filter((kind) => issued[kind].length > 0), chunks };
}

/** A string as it is, and with its percent-encoding decoded where it has any. */
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

/** Where chunks of secrets were recorded, as `place: secret`, each once. */
export function leaks({ chunks }, heard) {
  const found = new Set();
  for (const { place, text } of heard) {
    for (const reading of readings(text)) {
      for (const chunk of chunksOf(plain(reading))) if (chunks.has(chunk)) found.add(`${place}: ${chunks.get(chunk)}`);
    }
  }
  return [...found];
}
