// Access tokens that are bound to a key of the application (DPoP, RFC 9449), at the endpoints of the provider.
import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { dpopChallenge, hashOf, targetOf } from './proofs.js';
import { Refusal } from './refusal.js';

/**
 * The library binds tokens, but it cannot check the proofs of applications: it hashes its own opaque access tokens, and it takes its own nonces
 * only. So each key of an application has a stand-in, a key with which proofs for the library are signed.
 */
function createStandIns() {
  const keys = new Map();
  const thumbprints = new Set();

  async function make() {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const jwk = await exportJWK(publicKey);
    const thumbprint = await calculateJwkThumbprint(jwk);
    thumbprints.add(thumbprint);
    return { jwk, privateKey, thumbprint };
  }

  function standInOf(jkt) {
    if (!keys.has(jkt)) keys.set(jkt, make());
    return keys.get(jkt);
  }

  return {
    /** The thumbprint of a key's stand-in. That of a stand-in stays as it is: a request can come from the library again. */
    thumbprintFor: async (jkt) => (thumbprints.has(jkt) ? jkt : (await standInOf(jkt)).thumbprint),
    async proofFor(jkt, claims) {
      const { jwk, privateKey } = await standInOf(jkt);
      return new SignJWT({ jti: randomUUID(), ...claims }).setIssuedAt().setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk }).sign(privateKey);
    },
    clear() {
      keys.clear();
      thumbprints.clear();
    },
  };
}

/** The provider's response to a proof that it refuses. */
function refuse(ctx, refusal) {
  const { error, message } = refusal;
  ctx.status = ctx.state.endpoint === 'userinfo' ? 401 : 400;
  if (ctx.status === 401) ctx.set('WWW-Authenticate', dpopChallenge(refusal));
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { error, error_description: message };
}

export function createDpop({ settings, proofs }) {
  const standIns = createStandIns();

  /** Checks the proof, if there is one. `accessToken` is the token as it was sent, and as the library knows it. */
  async function check(ctx, accessToken) {
    const sent = settings.dpop !== 'off' && Boolean(ctx.get('DPoP'));
    if (!sent && settings.dpop === 'required' && ctx.state.endpoint === 'token') throw new Refusal('invalid_dpop_proof', 'The request has no DPoP proof.');
    if (sent) ctx.state.jkt = await proofs.check(ctx, accessToken?.sent);
    delete ctx.req.headers.dpop;
    if (!sent) return;
    const ath = accessToken && { ath: hashOf(accessToken.known) };
    ctx.req.headers.dpop = await standIns.proofFor(ctx.state.jkt, { htm: ctx.method, htu: targetOf(ctx), ...ath });
  }

  return {
    /** A middleware right in front of the library. `ctx.state.jkt` is the thumbprint of the key that the application has shown. */
    async layer(ctx, next, accessToken) {
      try {
        await check(ctx, accessToken);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        refuse(ctx, error);
        return;
      }
      await next();
    },

    /** Names the stand-in of the key that an authorization request names. */
    async translate(params) {
      const jkt = params.get('dpop_jkt');
      if (jkt) params.set('dpop_jkt', await standIns.thumbprintFor(jkt));
    },

    clear: standIns.clear,
  };
}
