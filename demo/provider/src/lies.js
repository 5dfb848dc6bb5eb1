// False ID tokens: what a fault may change in the ID token of one token response.
import { constants, createHash, createHmac, sign } from 'node:crypto';

const MEMBERS = ['afterSigning', 'alg', 'atHash', 'claims', 'claimsText', 'compact', 'embed', 'header', 'headerText', 'key', 'kid', 'remove',
  'removeHeader', 'signature'];

/** The parameters of each algorithm. An ECDSA signature is R and S, concatenated (RFC 7518 §3.4). */
const ALGORITHMS = {
  RS256: { hash: 'sha256', padding: constants.RSA_PKCS1_PADDING },
  PS256: { hash: 'sha256', padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
  ES256: { hash: 'sha256', dsaEncoding: 'ieee-p1363' },
  ES384: { hash: 'sha384', dsaEncoding: 'ieee-p1363' },
  EdDSA: { hash: null },
};

export function checkLie(lie) {
  const stranger = Object.keys(lie).find((name) => !MEMBERS.includes(name));
  if (stranger) throw new TypeError(`A lie about an ID token has no member "${stranger}".`);
}

/** Replaces `{members}` in a template by the members of the true object: for JSON that no value serializes to. */
export function fill(template, object) {
  return template.replace('{members}', () => JSON.stringify(object).slice(1, -1));
}

const encode = (bytes) => Buffer.from(bytes).toString('base64url');
const write = (template, object) => encode(template === undefined ? JSON.stringify(object) : fill(template, object));

function without(object, names = []) {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

function signatureOf(input, alg, key) {
  if (alg === 'none') return '';
  // The classic algorithm confusion: the public key used as the secret of an HMAC.
  if (alg === 'HS256') return createHmac('sha256', key.publicKey.export({ type: 'spki', format: 'pem' })).update(input).digest('base64url');
  const { hash, ...how } = ALGORITHMS[alg];
  return sign(hash, Buffer.from(input), { key: key.privateKey, ...how }).toString('base64url');
}

function breakSignature(signature) {
  const bytes = Buffer.from(signature, 'base64url');
  bytes[0] ^= 0xff;
  return encode(bytes);
}

/** Another encoding of the same bytes: it sets unused bits of the last base64url character. */
const loosen = (signature) => signature.slice(0, -1) + String.fromCharCode(signature.charCodeAt(signature.length - 1) + 1);

const hashOf = ({ function: name, bytes }, accessToken) => encode(createHash(name).update(accessToken).digest().subarray(0, bytes));

/**
 * Creates the ID token that a lie describes. Everything that the lie does not mention stays true.
 */
export async function tellLie(lie, { payload, header, alg, keys, accessToken }) {
  const key = lie.key ? await keys.made(lie.key) : keys.current(alg);
  const how = lie.alg ?? key.alg;
  const signer = lie.signature === 'other-key' ? await keys.made({ alg: key.alg, name: 'of a stranger' }) : key;
  const atHash = lie.atHash && { at_hash: hashOf(lie.atHash, accessToken) };
  const claims = without({ ...payload, ...atHash, ...lie.claims }, lie.remove);
  const named = {
    alg: how,
    kid: key.kid,
    ...header,
    ...(lie.embed && { jwk: signer.publicKey.export({ format: 'jwk' }) }),
    ...lie.header,
    ...(lie.kid !== undefined && { kid: lie.kid ?? undefined }),
  };
  const head = write(lie.headerText, without(named, lie.removeHeader));
  const body = write(lie.claimsText, claims);
  const honest = signatureOf(`${head}.${body}`, how, signer);
  const parts = {
    header: head,
    payload: lie.afterSigning ? write(undefined, { ...claims, ...lie.afterSigning }) : body,
    signature: lie.signature === 'broken' ? breakSignature(honest) : honest,
    loosened: loosen(honest),
  };
  const compact = lie.compact ?? '{header}.{payload}.{signature}';
  return compact.replaceAll(/\{(\w+)\}/g, (_whole, name) => parts[name]);
}
