// A thief with an access token.

/**
 * Calls an API with an access token of somebody else: as a bearer token, and with a proof of a key that the thief has made. Returns both statuses.
 * Runs in pages and in Node.
 */
export function useStolen(token, url) {
  const encode = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const text = (value) => encode(new TextEncoder().encode(JSON.stringify(value)));
  async function proof() {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, true, ['sign']);
    const { crv, kty, x, y } = await crypto.subtle.exportKey('jwk', publicKey);
    const ath = encode(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)));
    const claims = { jti: crypto.randomUUID(), htm: 'GET', htu: url, iat: Math.floor(Date.now() / 1000), ath };
    const input = `${text({ typ: 'dpop+jwt', alg: 'ES256', jwk: { crv, kty, x, y } })}.${text(claims)}`;
    return `${input}.${encode(await crypto.subtle.sign(algorithm, privateKey, new TextEncoder().encode(input)))}`;
  }
  const send = (headers) => fetch(url, { headers }).then(({ status }) => status);
  return Promise.all([send({ Authorization: `Bearer ${token}` }), proof().then((own) => send({ Authorization: `DPoP ${token}`, DPoP: own }))]);
}
