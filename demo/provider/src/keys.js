// The signing keys: made at the start, rotated on request, published, and used to sign and to verify.
import { createPublicKey, generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { CompactSign, compactVerify, decodeProtectedHeader } from 'jose';

const generate = promisify(generateKeyPair);
const KINDS = {
  RS256: ['rsa', { modulusLength: 2048 }],
  PS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }],
  ES384: ['ec', { namedCurve: 'P-384' }],
  EdDSA: ['ed25519', {}],
};

async function makeKey(alg) {
  const { privateKey } = await generate(...KINDS[alg]);
  return { alg, kid: randomBytes(9).toString('base64url'), privateKey, publicKey: createPublicKey(privateKey) };
}

export async function createKeys(algorithms) {
  const initial = await Promise.all(algorithms.map(makeKey));
  let published = [...initial];
  let known = [...initial];

  const current = (alg) => published.find((key) => key.alg === alg);

  /** Signs a payload. The caller may override any member of the header. */
  function sign(payload, { alg, key = current(alg), header = {} }) {
    return new CompactSign(Buffer.from(JSON.stringify(payload)))
      .setProtectedHeader({ alg, kid: key.kid, ...header })
      .sign(key.privateKey);
  }

  /** Answers the payload of a token that one of these keys signed, otherwise undefined. */
  async function verify(token, { among = published } = {}) {
    try {
      const { kid, alg } = decodeProtectedHeader(token);
      const key = among.find((candidate) => candidate.kid === kid && candidate.alg === alg);
      if (!key) return undefined;
      const { payload } = await compactVerify(token, key.publicKey, { algorithms: [alg] });
      return JSON.parse(Buffer.from(payload).toString());
    } catch {
      return undefined;
    }
  }

  return {
    current,
    sign,
    verify,
    /** The private keys of the start, which the OpenID provider library keeps for itself. */
    privateJwks: () => ({
      keys: initial.map((key) => ({ ...key.privateKey.export({ format: 'jwk' }), use: 'sig', alg: key.alg, kid: key.kid })),
    }),
    /** The published keys; rsaName is what the "alg" of an RS256 key says. */
    publicJwks: (rsaName = 'RS256') => ({
      keys: published.map((key) => ({
        ...key.publicKey.export({ format: 'jwk' }), use: 'sig', alg: key.alg === 'RS256' ? rsaName : key.alg, kid: key.kid,
      })),
    }),
    async rotate({ dropOld = false } = {}) {
      const fresh = await Promise.all(algorithms.map(makeKey));
      published = dropOld ? fresh : [...fresh, ...published];
      known = [...fresh, ...known];
    },
    reset() {
      published = [...initial];
      known = [...initial];
    },
    /**
     * Signs an ID token hint again with a key of the start, because the library knows no others.
     * A hint that none of the keys signed is left as it is, and the library refuses it.
     */
    async translateHint(token) {
      const payload = await verify(token, { among: known });
      if (!payload) return token;
      const { alg } = decodeProtectedHeader(token);
      return sign(payload, { alg, key: initial.find((key) => key.alg === alg) });
    },
  };
}
