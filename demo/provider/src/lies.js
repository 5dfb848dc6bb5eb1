// ID tokens that lie: what a fault may do to the ID token of one token response.
import { createHmac, generateKeyPairSync } from 'node:crypto';

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function breakSignature(token) {
  const [header, payload, signature] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[0] ^= 0xff;
  return `${header}.${payload}.${bytes.toString('base64url')}`;
}

/** The classic confusion: the public key, which everybody knows, used as the secret of an HMAC. */
function hmacWithPublicKey(header, payload, key) {
  const secret = key.publicKey.export({ type: 'spki', format: 'pem' });
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/**
 * Makes the ID token that a lie describes. Everything that the lie does not mention stays true.
 */
export async function tellLie(lie, { payload, header, alg, keys }) {
  const claims = { ...payload, ...lie.claims };
  for (const name of lie.remove ?? []) delete claims[name];
  const key = keys.current(alg);
  const head = { ...header, ...lie.header };
  if (lie.kid !== undefined) head.kid = lie.kid === null ? undefined : lie.kid;

  if (lie.alg === 'none') return `${encode({ kid: key.kid, ...head, alg: 'none' })}.${encode(claims)}.`;
  if (lie.alg === 'HS256') return hmacWithPublicKey({ kid: key.kid, ...head, alg: 'HS256' }, claims, key);
  if (lie.signature === 'other-key') {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return keys.sign(claims, { alg: 'RS256', key: { kid: key.kid, privateKey }, header: head });
  }
  const token = await keys.sign(claims, { alg: lie.alg ?? alg, key, header: head });
  return lie.signature === 'broken' ? breakSignature(token) : token;
}
