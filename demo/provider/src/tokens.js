// Converts the library's tokens to Wristband's format, and applies the settings and faults that concern them.
import { createHash, randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import { APPLICATION_ID } from './directory.js';
import { alter } from './faults.js';
import { tellLie } from './lies.js';
import { claimsOf, rulesOf } from './profiles.js';

const HASHES = { RS256: 'sha256', PS256: 'sha256', ES256: 'sha256', ES384: 'sha384', EdDSA: 'sha512' };
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

export const randomId = () => Array.from(randomBytes(26), (byte) => ALPHABET[byte % 32]).join('');

function halfHash(token, alg) {
  const digest = createHash(HASHES[alg]).update(token).digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}

export function createTokens({ issuer, plain, settings, keys, hosts, clock, records, refreshTokens, profiles, store, directory, dpop }) {
  // The library uses opaque access tokens. This maps each JWT to its opaque token.
  const opaqueTokens = new Map();
  /** The access tokens that a test wants to be taken for expired, by `jti`. */
  const expired = new Set();

  function tenantClaims(user) {
    return plain ? {} : { tnt_id: user.tenantId, app_id: APPLICATION_ID, idp_name: 'wristband' };
  }

  /** How the user authenticated. */
  const loginClaims = ({ acr, amr }) => ({ ...(acr && { acr }), amr: amr ?? ['pwd'] });

  async function makeAccessToken(opaque, { user, source, clientId, scope, expiresIn, audience, jkt }) {
    if (plain && !audience) return opaque;
    const jti = randomId();
    const iat = clock.now();
    opaqueTokens.set(jti, opaque);
    const about = plain
      ? { aud: audience, client_id: clientId }
      : { client_id: clientId, ...tenantClaims(user), van_dom: hosts.application, sub_kind: 'user' };
    return keys.sign({
      iss: issuer(),
      sub: user.id,
      ...about,
      scope,
      ...loginClaims(source),
      auth_time: source.authTime + clock.shift(),
      iat,
      exp: iat + expiresIn,
      jti,
      ...(jkt && { cnf: { jkt } }),
    }, { alg: 'RS256', header: { typ: plain ? 'at+jwt' : 'at+JWT' } });
  }

  /** Some providers state when the user last authenticated in another tab, and some state nothing. */
  function authTimeOf(user, source, refreshed) {
    const { authTime } = rulesOf(settings);
    if (refreshed && authTime === 'absent') return {};
    const last = refreshed && authTime === 'of the last authentication' ? store.lastLogin(user.id) : 0;
    return { auth_time: Math.max(source.authTime, last) + clock.shift() };
  }

  function idTokenClaims(original, { user, source, alg, accessToken, refreshed }) {
    const { sub, aud, exp, iat, nonce, sid } = decodeJwt(original);
    return {
      iss: issuer(),
      sub,
      aud,
      exp: exp + clock.shift(),
      iat: iat + clock.shift(),
      ...authTimeOf(user, source, refreshed),
      ...(nonce !== undefined && !(refreshed && settings.omitNonceOnRefresh) && { nonce }),
      ...loginClaims(source),
      jti: randomId(),
      ...tenantClaims(user),
      ...(plain && sid && { sid }),
      ...claimsOf(settings),
      ...(settings.includeAtHash && { at_hash: halfHash(accessToken, alg) }),
    };
  }

  /** Rewrites the response of the token endpoint. */
  async function rewrite(ctx, next) {
    records.note('codeVerifiers', ctx.state.form?.code_verifier);
    if (!plain) await refreshTokens.unwrap(ctx, 'refresh_token');
    const isRefresh = ctx.state.form?.grant_type === 'refresh_token';
    profiles.takeTokenParams(ctx);
    await dpop.layer(ctx, next);
    if (ctx.status === 400 && ctx.body?.error) ctx.body.error = profiles.errorOf(ctx.body.error, { isRefresh });
    if (ctx.status !== 200 || !ctx.body?.access_token) return;
    const { AuthorizationCode: code, RefreshToken: refreshToken, Client: client, Account: account } = ctx.oidc.entities;
    const source = code ?? refreshToken;
    const refreshed = !code;
    const user = directory.findUser(account.accountId);
    const answer = { ...ctx.body };
    const { audience, scope = answer.scope } = profiles.audience(ctx, { code: code && ctx.state.form?.code, grantId: source.grantId });
    answer.scope = scope;

    answer.access_token = await makeAccessToken(answer.access_token, {
      user, source, clientId: client.clientId, scope, expiresIn: answer.expires_in, audience, jkt: answer.token_type === 'DPoP' && ctx.state.jkt,
    });
    if (answer.refresh_token && !plain) {
      answer.refresh_token = await refreshTokens.seal(answer.refresh_token, { iss: issuer(), sub: user.id, client_id: client.clientId });
    }
    if (answer.id_token) {
      const alg = client.idTokenSignedResponseAlg;
      const header = { typ: plain ? 'JWT' : 'id+JWT' };
      const lie = ctx.state.fault?.idToken;
      const accessToken = answer.access_token;
      const payload = idTokenClaims(answer.id_token, { user, source, alg: lie?.key?.alg ?? alg, accessToken, refreshed });
      answer.id_token = lie ? await tellLie(lie, { payload, header, alg, keys, accessToken }) : await keys.sign(payload, { alg, header });
    }
    if (settings.omitIdToken || (refreshed && settings.omitIdTokenOnRefresh)) delete answer.id_token;
    if (refreshed && settings.omitRefreshTokenOnRefresh) delete answer.refresh_token;
    if (!settings.scopeInTokenResponse) delete answer.scope;

    ctx.body = alter(answer, ctx.state.fault?.tokenResponse);
    records.note('accessTokens', ctx.body.access_token);
    records.note('refreshTokens', ctx.body.refresh_token);
    records.note('idTokens', ctx.body.id_token);
  }

  /** The opaque token of a valid, unexpired access token. */
  async function opaqueFor(token) {
    if (plain && !token.includes('.')) return token;
    const payload = await keys.verify(token);
    return payload && payload.exp > clock.now() ? opaqueTokens.get(payload.jti) : undefined;
  }

  return {
    rewrite,
    opaqueFor,
    /** From now on, all access tokens that were issued count as expired at the API. */
    expireAccessTokens() { for (const jti of opaqueTokens.keys()) expired.add(jti); },
    isExpired: ({ jti }) => expired.has(jti),
    clear() {
      opaqueTokens.clear();
      expired.clear();
    },
  };
}
