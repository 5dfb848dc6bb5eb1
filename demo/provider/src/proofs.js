// Checks DPoP proofs (RFC 9449 §4.3) and issues the nonces for them, for the provider and for the API.
import { createHash, randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, EmbeddedJWK, jwtVerify } from 'jose';
import { challenge, Refusal } from './refusal.js';

/** The algorithms of proofs. The library has the same. */
export const DPOP_ALGORITHMS = ['ES256', 'Ed25519', 'EdDSA'];

/** How many seconds the `iat` of a proof may be away from the clock. */
const FRESH_SECONDS = 60;

/** How many seconds a `jti` is remembered. A proof with a nonce may be older than `FRESH_SECONDS`. */
const REPLAY_SECONDS = 3600;

export const hashOf = (token) => createHash('sha256').update(token).digest('base64url');

/** The URL of a request, as a proof names it: without query and fragment. */
export const targetOf = (ctx) => `${ctx.protocol}://${ctx.host}${ctx.path}`;

/** The header and the claims of a proof, for the log; `null` for a part that cannot be decoded. */
export function describeProof(proof) {
  const decode = (read) => {
    try {
      return read(proof);
    } catch {
      return null;
    }
  };
  return { header: decode(decodeProtectedHeader), claims: decode(decodeJwt) };
}

/** The challenge of a refused request with the scheme DPoP. */
export function dpopChallenge({ error, message, params }) {
  return challenge('DPoP', { error, message, params: { ...params, algs: DPOP_ALGORITHMS.join(' ') } });
}

/** Strings that are forgotten after some seconds. */
function createMemory(now) {
  const ends = new Map();

  function forgetOld() {
    for (const [text, end] of ends) {
      if (end > now()) return;
      ends.delete(text);
    }
  }

  return {
    add(text, seconds) {
      forgetOld();
      ends.set(text, now() + seconds);
    },
    has: (text) => ends.get(text) > now(),
    clear: () => ends.clear(),
  };
}

/** Query and fragment of the claim are ignored (RFC 9449 §4.3, 9). */
function isSameTarget(htu, target) {
  if (typeof htu !== 'string' || !URL.canParse(htu)) return false;
  const { origin, pathname } = new URL(htu);
  return `${origin}${pathname}` === new URL(target).href;
}

/** What is wrong with the claims of a proof, apart from its nonce and its age; undefined if nothing is. */
function complaint({ htm, htu, iat, ath }, { method, target, accessToken }) {
  if (htm !== method) return `The proof is for the method ${htm} (htm), not for ${method}.`;
  if (!isSameTarget(htu, target)) return `The proof is for ${htu} (htu), not for ${target}.`;
  if (!Number.isFinite(iat)) return 'The proof does not say when it was made (iat).';
  if (accessToken !== undefined && ath !== hashOf(accessToken)) return 'The proof is for another access token (ath).';
  return undefined;
}

/** `demandsNonce` says whether a proof must have a nonce, and `nonceTtl` how many seconds a nonce is valid. */
export function createProofs({ clock, demandsNonce, nonceTtl }) {
  const [used, nonces] = [createMemory(clock.now), createMemory(clock.now)];

  function nextNonce() {
    const nonce = randomBytes(18).toString('base64url');
    nonces.add(nonce, nonceTtl());
    return nonce;
  }

  async function open(proof) {
    if (!proof) throw new Refusal('invalid_dpop_proof', 'The request has no DPoP proof.');
    try {
      const { payload: claims, protectedHeader: { jwk } } = await jwtVerify(proof, EmbeddedJWK, {
        algorithms: DPOP_ALGORITHMS, typ: 'dpop+jwt', currentDate: new Date(clock.now() * 1000),
      });
      return { claims, jkt: await calculateJwkThumbprint(jwk) };
    } catch (error) {
      throw new Refusal('invalid_dpop_proof', `The proof is not valid: ${error.message}.`);
    }
  }

  /** Takes each `jti` once, even from a proof that is refused for another reason. */
  function checkReplay(jti) {
    if (typeof jti !== 'string' || !jti) throw new Refusal('invalid_dpop_proof', 'The proof has no jti.');
    if (used.has(jti)) throw new Refusal('invalid_dpop_proof', 'The proof was used before (jti).');
    used.add(jti, REPLAY_SECONDS);
  }

  /** A valid nonce shows that a proof is fresh; otherwise its `iat` has to. */
  function checkFreshness({ iat, nonce }, { demanded, refused }) {
    if (demanded && nonce === undefined) throw new Refusal('use_dpop_nonce', 'The proof has no nonce.');
    if (demanded && (refused || !nonces.has(nonce))) throw new Refusal('use_dpop_nonce', 'The nonce of the proof is not valid.');
    const age = Math.round(clock.now() - iat);
    if (demanded || Math.abs(age) <= FRESH_SECONDS) return;
    throw new Refusal('invalid_dpop_proof', `The iat of the proof is ${Math.abs(age)} s ${age > 0 ? 'behind' : 'ahead of'} the clock.`);
  }

  return {
    /**
     * Checks the proof of a request, with the access token that was sent along. Returns the thumbprint of the proof's key.
     *
     * @throws Refusal for a proof that is missing or not valid.
     */
    async check(ctx, accessToken) {
      const { dpopNonce: fault } = ctx.state.fault ?? {};
      const demanded = demandsNonce() || fault?.demand === true;
      if (demanded || fault) ctx.set('DPoP-Nonce', nextNonce());
      const { claims, jkt } = await open(ctx.get('DPoP'));
      checkReplay(claims.jti);
      const wrong = complaint(claims, { method: ctx.method, target: targetOf(ctx), accessToken });
      if (wrong) throw new Refusal('invalid_dpop_proof', wrong);
      checkFreshness(claims, { demanded, refused: fault?.demand === true });
      return jkt;
    },
    /** From now on, the nonces that were issued are refused. */
    rotateNonces: () => nonces.clear(),
    clear() {
      used.clear();
      nonces.clear();
    },
  };
}
