// Wristband's own rules for authorization requests, and the URL to which it redirects with the response.
import { extraParameters } from './extensions.js';
import { alterParameters } from './faults.js';
import { LANDING } from './login.js';
import { fillPlaceholder, isRegistered } from './settings.js';
import { sendErrorPage } from './pages.js';

const PASSED_ON = ['client_id', 'response_type', 'redirect_uri', 'scope', 'state', 'nonce', 'code_challenge',
  'code_challenge_method', 'login_hint', 'prompt', 'max_age'];
const outside = (text, least, most) => text.length < least || text.length > most;

/** The error of a request with a valid client and redirect URI; undefined if the request is valid. */
function complaint(query) {
  const repeated = Object.keys(query).find((name) => Array.isArray(query[name]));
  if (repeated) return ['invalid_request', `The parameter ${repeated} is there more than once.`];
  const { response_type: responseType, scope, state, nonce, code_challenge: challenge, code_challenge_method: method, prompt } = query;
  if (!responseType) return ['invalid_request', 'The parameter response_type is missing.'];
  if (responseType !== 'code') return ['unsupported_response_type', 'Only the response type "code" is supported.'];
  if (!scope || outside(scope, 1, 1000)) return ['invalid_scope', 'The parameter scope must have 1 to 1000 characters.'];
  if (!scope.split(' ').includes('openid')) return ['invalid_scope', 'The scope must contain openid.'];
  if (state !== undefined && outside(state, 22, 512)) return ['invalid_request', 'The parameter state must have 22 to 512 characters.'];
  if (nonce !== undefined && outside(nonce, 22, 128)) return ['invalid_request', 'The parameter nonce must have 22 to 128 characters.'];
  if (!challenge) return ['invalid_request', 'PKCE is required: the parameter code_challenge is missing.'];
  if (method !== 'S256') return ['invalid_request', 'The code_challenge_method must be S256.'];
  if (!/^[A-Za-z0-9_-]{43,128}$/.test(challenge)) return ['invalid_request', 'The parameter code_challenge is malformed.'];
  if (prompt !== undefined && !['login', 'none'].includes(prompt)) return ['invalid_request', 'The parameter prompt must be login or none.'];
  return undefined;
}

export function createAuthorize({ issuer, settings, hosts, clients, faults, records, discoveryPage, dpop, par, getProvider }) {
  /** Wristband ignores parameters that it does not know, so they are not passed on to the library. */
  function known(query) {
    const names = [...PASSED_ON, ...extraParameters(settings)].filter((name) => query[name] !== undefined);
    return new URLSearchParams(names.map((name) => [name, query[name]]));
  }

  /** Prepares the parameters of a pushed request for the library. Returns the error, if there is one. */
  function prepare(params) {
    const query = Object.fromEntries(params);
    const kept = known(query);
    for (const name of Object.keys(query)) if (!kept.has(name)) params.delete(name);
    return clients(query.client_id) ? complaint(query) : undefined;
  }

  /** The redirect URI of a request, or the reason why the browser must not be redirected. */
  function redirectTarget({ client_id: clientId, redirect_uri: redirectUri }) {
    const client = typeof clientId === 'string' && !outside(clientId, 1, 26) && clients(clientId);
    if (!client) return { problem: ['invalid_client', 'The client ID of this sign-in request is missing or unknown.'] };
    if (redirectUri === undefined && client.redirect_uris.length === 1) return { uri: client.redirect_uris[0] };
    if (isRegistered(settings, redirectUri)) return { uri: redirectUri };
    return { problem: ['invalid_redirect_uri', 'The redirect URI of this sign-in request is missing or not registered.'] };
  }

  /** Redirects the browser back to the application. */
  function sendBack(ctx, registeredUri, params, fault) {
    const { tenant } = ctx.state.place;
    for (const [name, value] of Object.entries(hosts.tenantParams(tenant))) params.set(name, value);
    alterParameters(params, fault?.redirect);
    const target = new URL(fillPlaceholder(registeredUri, tenant?.name ?? ''));
    for (const name of new Set(params.keys())) target.searchParams.delete(name);
    for (const [name, value] of params) target.searchParams.append(name, value);
    records.note('codes', params.get('code'));
    ctx.redirect(target.href);
    ctx.status = 302;
  }

  function sendError(ctx, uri, [error, description], fault) {
    const params = new URLSearchParams({ error, error_description: description });
    if (typeof ctx.query.state === 'string') params.set('state', ctx.query.state);
    sendBack(ctx, uri, params, fault);
  }

  async function tooOld(ctx) {
    const maxAge = Number(ctx.query.max_age);
    if (settings.maxAgeExpired !== 'error' || ctx.query.max_age === undefined || !Number.isSafeInteger(maxAge)) return false;
    const session = await getProvider().Session.get(ctx);
    return Boolean(session.accountId) && (maxAge === 0 || session.past(maxAge));
  }

  /** The middleware in front of the library, for new requests. */
  async function request(ctx, next) {
    const unresolved = par.resolve(ctx);
    if (unresolved) return sendErrorPage(ctx, 400, ...unresolved);
    const { uri, problem } = redirectTarget(ctx.query);
    if (problem) return sendErrorPage(ctx, 400, ...problem);
    records.note('nonces', ctx.query.nonce);
    records.note('states', ctx.query.state);
    const wrong = par.complaint(ctx) ?? complaint(ctx.query);
    if (wrong) return sendError(ctx, uri, wrong);
    const fault = faults.takeRedirect({ withError: true });
    if (fault) {
      ctx.state.record.fault = fault;
      const { error, error_description: description = 'This error was ordered by a test.' } = fault.redirect;
      return sendError(ctx, uri, [error, description], fault);
    }
    if (!ctx.state.place.tenant) return discoveryPage.begin(ctx);
    if (await tooOld(ctx)) return sendError(ctx, uri, ['login_required', 'The session is older than max_age allows.']);

    const params = known(ctx.query);
    await dpop.translate(params);
    ctx.url = `${ctx.path}?${params}`;
    return answer(ctx, next);
  }

  /** The middleware behind the library, for new requests and for those that return from the login page. */
  async function answer(ctx, next) {
    await next();
    const location = ctx.response.get('Location');
    if (!location || location.startsWith('/')) {
      if (location) ctx.status = 302;
      return;
    }
    const landing = ctx.cookies.get(LANDING, { signed: false });
    if (landing) {
      // The link of an email: the user is signed in here, and no application waits for a code.
      ctx.cookies.set(LANDING, null, { signed: false });
      ctx.redirect(landing);
      ctx.status = 302;
      return;
    }
    const { searchParams } = new URL(location);
    if (!settings.advertiseIss) searchParams.delete('iss');
    else searchParams.set('iss', issuer());
    const fault = faults.takeRedirect({ withError: false });
    if (fault) ctx.state.record.fault = fault;
    // The response also contains the parameters of the registered URI. They are set again, to the same values.
    sendBack(ctx, ctx.oidc.params.redirect_uri, searchParams, fault);
  }

  return { prepare, request, answer };
}
