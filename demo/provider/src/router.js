// Routes every request: by host first, then by path.
import { handleControl } from './control.js';
import { outcomeOf } from './outcome.js';
import { describeRequest } from './records.js';
import { readBody } from './body.js';
import { underFault } from './faults.js';
import { sendErrorPage, sendNotePage } from './pages.js';
import { routesOf } from './oidc.js';

const SDK_PATH = /^\/api\/v1\/clients\/[^/]+\/sdk-configuration$/;

function endpointName(path, plain, profiles) {
  const routes = routesOf(plain);
  if (profiles.isOwnLogout(path)) return 'logout';
  if (path === routes.authorization || path.startsWith(`${routes.authorization}/`)) return 'authorize';
  if (path === '/.well-known/openid-configuration' || path === '/.well-known/oauth-authorization-server') return 'discovery';
  if (path === '/login') return 'login';
  if (plain && (path === routes.end_session || path.startsWith(`${routes.end_session}/`))) return 'logout';
  if (!plain && path === '/api/v1/logout') return 'logout';
  if (!plain && path === '/signup') return 'signup';
  if (!plain && path === '/api/v1/custom-domains/validate') return 'validate';
  if (!plain && SDK_PATH.test(path)) return 'sdk';
  return {
    [routes.token]: 'token', [routes.userinfo]: 'userinfo', [routes.revocation]: 'revoke', [routes.jwks]: 'jwks', [routes.pushed_authorization_request]: 'par',
  }[path];
}

const AT_TENANT = new Set(['authorize', 'login', 'logout']);
const notHere = (ctx) => sendErrorPage(ctx, 404, 'not_found', `There is nothing at ${ctx.path} on this host.`);

/** Records every request, except those to the control API. */
export function recordLayer({ records, directory, onRequest }) {
  return async (ctx, next) => {
    const body = await readBody(ctx.req);
    ctx.state.form = body.form;
    ctx.state.json = body.json;
    if (ctx.path.startsWith('/__control')) return next();
    const record = records.request(describeRequest({
      method: ctx.method, path: ctx.path, host: ctx.host, headers: ctx.headers, query: { ...ctx.query }, form: body.form,
    }));
    ctx.state.record = record;
    try {
      if (body.tooLarge) ctx.throw(413, 'The body is too large.');
      await next();
    } finally {
      record.status = ctx.respond === false ? null : ctx.status;
      Object.assign(record, outcomeOf(ctx, { endpoint: record.endpoint, directory }));
      onRequest?.(record);
    }
    return undefined;
  };
}

/** Routes by host, and restricts the control API to the local host. */
export function placeLayer({ hosts, control }) {
  return async (ctx, next) => {
    const place = hosts.classify(ctx.get('Host'));
    ctx.state.place = place;
    if (place.control && ctx.path.startsWith('/__control/')) return handleControl(ctx, control);
    if (ctx.path === '/health' && place.control) {
      ctx.body = { ok: true };
      return undefined;
    }
    if (place.kind === 'local' && ctx.path === '/') return sendNotePage(ctx, 'Local provider', `The application is at ${hosts.application}; the control API is under /__control/.`);
    if (place.kind === 'local' || place.kind === 'unknown') return notHere(ctx);
    return next();
  };
}

/** Determines the endpoint, takes its next fault, and handles CORS. */
export function endpointLayer({ plain, faults, cors, profiles }) {
  return async (ctx, next) => {
    const endpoint = endpointName(ctx.path, plain, profiles);
    ctx.state.endpoint = endpoint;
    if (ctx.state.record) ctx.state.record.endpoint = endpoint ?? null;
    const fault = endpoint && ctx.method !== 'OPTIONS' ? faults.take(endpoint, ctx.state.form?.grant_type) : undefined;
    const run = () => cors.layer(ctx, next);
    if (!fault) return run();
    ctx.state.fault = fault;
    ctx.state.record.fault = fault;
    return underFault(ctx, fault, run, cors);
  };
}

/** The parts of a provider that behaves like Wristband. */
export function wristbandLayer({ settings, authorize, login, logout, discoveryPage, documents, signUp, refreshTokens, tokens, userinfo, par }) {
  const application = {
    login: discoveryPage.handle,
    signup: signUp,
    sdk: documents.sdk,
    validate: documents.validate,
    discovery: documents.discovery,
    jwks: documents.jwks,
    token: tokens.rewrite,
    userinfo,
    par: parLayer(settings, par.endpoint(authorize.prepare)),
    revoke: revokeLayer(refreshTokens),
  };
  const tenant = { login: login.handle, logout };

  return async (ctx, next) => {
    const { endpoint, place } = ctx.state;
    if (place.kind === 'tenant' && !AT_TENANT.has(endpoint)) return notHere(ctx);
    if (place.tenant && AT_TENANT.has(endpoint)) {
      if (endpoint === 'authorize') return ctx.path === routesOf(false).authorization ? authorize.request(ctx, next) : authorize.answer(ctx, next);
      return tenant[endpoint](ctx, next);
    }
    if (endpoint === 'authorize' && settings.applicationAuthorization) return authorize.request(ctx, next);
    if (endpoint === 'authorize') return sendErrorPage(ctx, 400, 'invalid_request', 'Authorization requests at the application are switched off. Send them to the host of a tenant.');
    const handler = application[endpoint];
    return handler ? handler(ctx, next) : notHere(ctx);
  };
}

/** The endpoint for pushed authorization requests, unless it is switched off. */
const parLayer = (settings, endpoint) => (ctx, next) => (settings.par === 'off' ? notHere(ctx) : endpoint(ctx, next));

/** A well-formed revocation request succeeds for any token (RFC 7009 §2.2). */
const revokeLayer = (refreshTokens) => async (ctx, next) => {
  await refreshTokens?.unwrap(ctx, 'token');
  await next();
  if (ctx.status === 400 && ctx.body?.error === 'unsupported_token_type') {
    ctx.status = 200;
    ctx.body = '';
  }
};

/** The parts of an ordinary OpenID provider. */
export function plainLayer({ settings, plain, login, tokens, userinfo, par, keys }) {
  const handlers = {
    authorize: plain.authorize,
    discovery: plain.discovery,
    logout: plain.logout,
    login: login.handle,
    token: tokens.rewrite,
    userinfo,
    par: parLayer(settings, par.endpoint(plain.prepare)),
    revoke: revokeLayer(),
    jwks: async (ctx) => {
      const { jwks } = ctx.state.fault ?? {};
      ctx.body = jwks ? await keys.spoiltJwks(jwks) : keys.publicJwks();
    },
  };
  return (ctx, next) => {
    const handler = handlers[ctx.state.endpoint];
    return handler ? handler(ctx, next) : notHere(ctx);
  };
}
