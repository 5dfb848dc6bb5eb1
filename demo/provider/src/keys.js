// The signing keys: created at the start, rotated on request, published, and used to sign and to verify.
import { createPublicKey, generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { CompactSign, compactVerify, decodeProtectedHeader } from 'jose';
import { alter } from './faults.js';

const generate = promisify(generateKeyPair);
const KINDS = {
  RS256: ['rsa', { modulusLength: 2048 }],
  PS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }],
  ES384: ['ec', { namedCurve: 'P-384' }],
  EdDSA: ['ed25519', {}],
};

async function makeKey(alg, bits) {
  const [kind, options] = KINDS[alg];
  const { privateKey } = await generate(kind, { ...options, ...(bits && { modulusLength: bits }) });
  return { alg, kid: randomBytes(9).toString('base64url'), privateKey, publicKey: createPublicKey(privateKey) };
}

export async function createKeys(algorithms) {
  const initial = await Promise.all(algorithms.map((alg) => makeKey(alg)));
  let published = [...initial];
  let known = [...initial];
  const drawer = new Map();

  /** The key of this name, which only faults use. It is created at the first use, and kept. */
  function made({ alg, bits, name }) {
    const id = JSON.stringify([alg, bits, name]);
    if (!drawer.has(id)) drawer.set(id, makeKey(alg, bits));
    return drawer.get(id);
  }

  const publicJwk = (key, alg = key.alg) => ({ ...key.publicKey.export({ format: 'jwk' }), use: 'sig', alg, kid: key.kid });

  const current = (alg) => published.find((key) => key.alg === alg);

  /** Signs a payload. The caller may override any member of the header. */
  function sign(payload, { alg, key = current(alg), header = {} }) {
    return new CompactSign(Buffer.from(JSON.stringify(payload)))
      .setProtectedHeader({ alg, kid: key.kid, ...header })
      .sign(key.privateKey);
  }

  /** Returns the payload of a token that one of these keys signed, otherwise undefined. */
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

  /** The published keys; rsaName is the "alg" of an RS256 key. */
  const publicJwks = (rsaName = 'RS256') => ({
    keys: published.map((key) => publicJwk(key, key.alg === 'RS256' ? rsaName : key.alg)),
  });

  /** The keys that a fault lists: "published" means the provider's keys, `{key, set, remove}` a key created for the fault. */
  async function spoiltJwks(list) {
    const entries = await Promise.all(list.map(async ({ key, jwk, ...changes }) => alter(key ? publicJwk(await made(key)) : jwk, changes)));
    return { keys: list.flatMap((entry, index) => (entry === 'published' ? publicJwks().keys : entries[index])) };
  }

  return {
    current,
    made,
    sign,
    verify,
    /** The initial private keys, for the OpenID provider library. */
    privateJwks: () => ({
      keys: initial.map((key) => ({ ...key.privateKey.export({ format: 'jwk' }), use: 'sig', alg: key.alg, kid: key.kid })),
    }),
    publicJwks,
    spoiltJwks,
    async rotate({ dropOld = false } = {}) {
      const fresh = await Promise.all(algorithms.map((alg) => makeKey(alg)));
      published = dropOld ? fresh : [...fresh, ...published];
      known = [...fresh, ...known];
    },
    reset() {
      published = [...initial];
      known = [...initial];
    },
    /**
     * Signs an ID token hint again with an initial key, because the library knows no others.
     * A hint that none of the keys signed is left unchanged, and the library refuses it.
     */
    async translateHint(token, claims) {
      const payload = await verify(token, { among: known });
      if (!payload) return token;
      const { alg } = decodeProtectedHeader(token);
      return sign({ ...payload, ...claims }, { alg, key: initial.find((key) => key.alg === alg) });
    },
  };
}
