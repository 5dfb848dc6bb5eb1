// The ordinary OpenID provider: what the option `plain` adds to the library.
import { adjustMetadata, removeUnknown } from './extensions.js';
import { alter, alterParameters } from './faults.js';
import { routesOf } from './oidc.js';
import { sendErrorPage } from './pages.js';
import { sendsIssuer } from './profiles.js';
import { isRegistered } from './settings.js';

export const PLAIN_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'];
export const plainClientId = (alg) => `plain-${alg.toLowerCase()}`;

export function createPlain({ settings, keys, faults, records, store, profiles, dpop, par, getProvider }) {
  const routes = routesOf(true);
  /** The authorization requests by their state, as they came. */
  const asking = new Map();

  /** Removes a request for consent, which this provider never asks for, and signs hints with a key that the library knows. */
  async function adjust(params) {
    const prompts = params.get('prompt')?.split(' ').filter((prompt) => prompt !== 'consent');
    if (prompts?.length) params.set('prompt', prompts.join(' '));
    else params.delete('prompt');
    const hint = params.get('id_token_hint');
    if (hint) params.set('id_token_hint', await keys.translateHint(hint, { iss: getProvider().issuer }));
  }

  /** Prepares the parameters of an authorization request for the library. Returns the error, if there is one. */
  async function prepare(params) {
    const complaint = profiles.adjustRequest(params);
    await adjust(params);
    removeUnknown(params, settings);
    return complaint && [complaint.error, complaint.error_description];
  }

  /** Replaces the parameters of a request by the ones that `change` makes of them. */
  async function changeQuery(ctx, change) {
    const params = new URLSearchParams(ctx.querystring);
    const problem = await change(params);
    ctx.url = `${ctx.path}?${params}`;
    return problem;
  }

  /** The middleware in front of the library, for new requests. */
  async function request(ctx, next) {
    const unresolved = par.resolve(ctx);
    if (unresolved) return sendErrorPage(ctx, 400, ...unresolved);
    records.note('nonces', ctx.query.nonce);
    records.note('states', ctx.query.state);
    asking.set(ctx.query.state, { ...ctx.query });
    const wrong = await changeQuery(ctx, prepare);
    await changeQuery(ctx, dpop.translate);
    const { redirect_uri: asked } = ctx.query;
    const registered = isRegistered(settings, asked);
    const unpushed = par.complaint(ctx);
    if (unpushed && !registered) return sendErrorPage(ctx, 400, ...unpushed);
    if (registered && (wrong || unpushed)) return sendError(ctx, asked, wrong ?? unpushed);
    const denied = registered ? faults.takeRedirect({ withError: true }) : undefined;
    return denied ? sendBack(ctx, stateOf(ctx), asked, denied) : answer(ctx, next);
  }

  /** The middleware behind the library, for new requests and for those that return from the login page. */
  async function answer(ctx, next) {
    await next();
    const location = ctx.response.get('Location');
    if (location && !location.startsWith('/')) sendBack(ctx, [], location, faults.takeRedirect({ withError: false }));
  }

  const stateOf = ({ query: { state } }) => (state ? [['state', state]] : []);

  function sendError(ctx, uri, [error, description]) {
    const issuer = sendsIssuer(settings) ? [['iss', getProvider().issuer]] : [];
    sendBack(ctx, [...stateOf(ctx), ['error', error], ['error_description', description], ...issuer], uri);
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
    ctx.body = alter(profiles.shapeMetadata(adjustMetadata(ctx.body, settings)), ctx.state.fault?.metadata);
  }

  /** The library checks the request and then asks for a click. Here the session ends at once instead. */
  async function endSession(ctx, next) {
    if (ctx.query.id_token_hint) await changeQuery(ctx, adjust);
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

  const authorize = (ctx, next) => (ctx.path === routes.authorization ? request(ctx, next) : answer(ctx, next));

  return { authorize, prepare, discovery, logout: (ctx, next) => profiles.logout(ctx, next, endSession) };
}
