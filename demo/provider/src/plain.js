// The ordinary OpenID provider: what the option `plain` adds to the library.
import { alter, alterParameters } from './faults.js';
import { routesOf } from './oidc.js';
import { sendsIssuer } from './profiles.js';

export const PLAIN_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'];
export const plainClientId = (alg) => `plain-${alg.toLowerCase()}`;

export function createPlain({ settings, keys, faults, records, store, profiles, getProvider }) {
  const routes = routesOf(true);
  /** The authorization requests by their state, as they came. */
  const asking = new Map();

  /** Removes a request for consent, which this provider never asks for, and signs hints with a key that the library knows. */
  async function adjustQuery(ctx) {
    const params = new URLSearchParams(ctx.querystring);
    const complaint = ctx.path === routes.authorization ? profiles.adjustRequest(params) : undefined;
    const prompts = params.get('prompt')?.split(' ').filter((prompt) => prompt !== 'consent');
    if (prompts?.length) params.set('prompt', prompts.join(' '));
    else params.delete('prompt');
    const hint = params.get('id_token_hint');
    if (hint) params.set('id_token_hint', await keys.translateHint(hint, { iss: getProvider().issuer }));
    ctx.url = `${ctx.path}?${params}`;
    return complaint;
  }

  async function authorize(ctx, next) {
    let complaint;
    const query = { ...ctx.query };
    if (ctx.path === routes.authorization) {
      records.note('nonces', ctx.query.nonce);
      records.note('states', ctx.query.state);
      asking.set(ctx.query.state, query);
      complaint = await adjustQuery(ctx);
    }
    const { state, redirect_uri: asked } = ctx.query;
    if (complaint && settings.redirectUris.includes(asked)) return sendBack(ctx, Object.entries({ state, ...complaint }), asked);
    const registered = settings.redirectUris.includes(asked);
    const denied = registered && ctx.path === routes.authorization ? faults.takeRedirect({ withError: true }) : undefined;
    if (denied) sendBack(ctx, Object.entries({ state }).filter(([, value]) => value), asked, denied);
    else await next();

    const location = ctx.response.get('Location');
    if (denied || !location || location.startsWith('/')) return;
    sendBack(ctx, [], location, faults.takeRedirect({ withError: false }));
  }

  function sendBack(ctx, params, location, fault) {
    const url = new URL(location);
    for (const [name, value] of params) url.searchParams.set(name, value);
    if (sendsIssuer(settings) && fault?.redirect?.error) url.searchParams.set('iss', getProvider().issuer);
    if (!sendsIssuer(settings)) url.searchParams.delete('iss');
    const { code, error, state } = Object.fromEntries(url.searchParams);
    const query = asking.get(state) ?? {};
    profiles.noteCode(code, query);
    if (error) url.searchParams.set('error', profiles.errorOf(error, { isSilent: query.prompt === 'none' }));
    alterParameters(url.searchParams, fault?.redirect);
    if (fault) ctx.state.record.fault = fault;
    records.note('codes', url.searchParams.get('code'));
    ctx.redirect(url.href);
    ctx.status = 303;
  }

  async function discovery(ctx, next) {
    await next();
    if (!sendsIssuer(settings) && ctx.body) delete ctx.body.authorization_response_iss_parameter_supported;
    ctx.body = alter(profiles.shapeMetadata(ctx.body), ctx.state.fault?.metadata);
  }

  /** The library checks the request and then asks for a click. Here the session ends at once instead. */
  async function endSession(ctx, next) {
    if (ctx.query.id_token_hint) await adjustQuery(ctx);
    await next();
    if (ctx.path !== routes.end_session || ctx.status !== 200 || !ctx.oidc) return;
    const { session, params } = ctx.oidc;
    for (const { grantId } of Object.values(session.authorizations ?? {})) if (grantId) store.revokeGrant(grantId);
    await session.destroy();
    ctx.cookies.set(getProvider().cookieName('session'), null, { overwrite: true });
    const target = new URL(params.post_logout_redirect_uri ?? ctx.oidc.urlFor('end_session_success'));
    if (params.post_logout_redirect_uri && params.state) target.searchParams.set('state', params.state);
    ctx.remove('Content-Security-Policy');
    ctx.redirect(target.href);
    ctx.status = 303;
  }

  return { authorize, discovery, logout: (ctx, next) => profiles.logout(ctx, next, endSession) };
}
