// A key of an application, and the DPoP proofs that it signs.
import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';

const seconds = () => Math.floor(Date.now() / 1000);

/** `undefined` removes a member. */
const without = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

export async function createKey(alg = 'ES256') {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const [jwk, secretJwk] = [await exportJWK(publicKey), await exportJWK(privateKey)];

  /** The headers of a request with a proof. `claims` and `header` replace those of a right one; `undefined` removes one. */
  async function proof(url, { method = 'POST', token, nonce, claims = {}, header = {} } = {}) {
    const { origin, pathname } = new URL(url);
    const all = without({
      jti: randomUUID(), htm: method, htu: `${origin}${pathname}`, iat: seconds(), nonce,
      ath: token && createHash('sha256').update(token).digest('base64url'), ...claims,
    });
    const signed = new SignJWT(all).setProtectedHeader(without({ alg, typ: 'dpop+jwt', jwk, ...header }));
    return { dpop: await signed.sign(privateKey), ...(token && { authorization: `DPoP ${token}` }) };
  }

  return { jkt: await calculateJwkThumbprint(jwk), jwk, secretJwk, proof };
}
