// Behaves like a provider that people have: `profiles.json` says what each one does, and where that is documented.
import { readFileSync } from 'node:fs';
import { replaceForm } from './body.js';
import { sendErrorPage, sendPage } from './pages.js';

const ALL = JSON.parse(readFileSync(new URL('profiles.json', import.meta.url), 'utf8'));

/** The names of the profiles. */
export const PROFILES = Object.keys(ALL);

/** The rules of the current profile. Without one, there are none. */
export const rulesOf = (settings) => ALL[settings.profile] ?? {};

/** The tenant of all users, for an issuer with one tenant for each token. */
const TENANT_ID = '9188040d-6c67-4c5b-b112-36a304b66dad';

const words = (text) => String(text ?? '').split(' ').filter(Boolean);

/** The issuer of tokens, and the one in the metadata. */
export const issuerOf = (settings, issuer) => (rulesOf(settings).issuerTemplate ? `${issuer}/${TENANT_ID}/v2.0` : issuer);
const publishedIssuer = (issuer) => `${issuer}/{tenantid}/v2.0`;

/** The claims that a profile adds to ID tokens. */
export const claimsOf = (settings) => (rulesOf(settings).issuerTemplate ? { tid: TENANT_ID } : {});

/** Whether callbacks name the issuer (RFC 9207). */
export const sendsIssuer = (settings) => (settings.profile
  ? Boolean(rulesOf(settings).metadata?.set?.authorization_response_iss_parameter_supported)
  : settings.advertiseIss);

/** How long a used refresh token is still taken, and whether it ends its family otherwise. */
export function reuseRules(settings) {
  const { reuse } = rulesOf(settings);
  if (!reuse) return { grace: settings.reuseGraceSeconds, endsFamily: settings.detectReuse };
  return { grace: reuse === 'grace' ? 30 : 0, endsFamily: reuse === 'ends the family' };
}

/** Whether a grant of these scopes has a refresh token. */
export const givesRefreshToken = (settings, scopes) => rulesOf(settings).refreshToken === 'always' || scopes.has('offline_access');

export function createProfiles({ settings, issuer, routes, defaultAudience }) {
  /** What each code and each grant was asked for, beyond the standard. */
  const asked = new Map();

  /** The parameters of a request that this provider understands, of those that name an API. */
  function apiParams(params, understood = []) {
    const pick = (name) => (understood.includes(name) ? params[name] : undefined);
    return { audience: pick('audience'), resource: pick('resource'), scope: params.scope };
  }

  /**
   * Applies the rules to the parameters of an authorization request. Returns the error that goes back to the application,
   * if there is one.
   */
  function adjustRequest(params) {
    const { scopes, unknownScope, refreshToken, silent } = rulesOf(settings);
    const wanted = words(params.get('scope'));
    const unknown = scopes ? wanted.filter((scope) => !scopes.includes(scope) && !scope.includes('://')) : [];
    if (unknown.length && unknownScope === 'refused') return { error: 'invalid_scope', error_description: `unknown scope ${unknown[0]}` };
    const consents = words(params.get('prompt')).includes('consent');
    const drops = refreshToken === 'offline_access with consent' && !consents;
    const kept = wanted.filter((scope) => !unknown.includes(scope) && !(drops && scope === 'offline_access'));
    params.set('scope', kept.join(' '));
    if (silent === 'shows its page' && params.get('prompt') === 'none') params.delete('prompt');
    params.delete('audience');
    params.delete('resource');
    return undefined;
  }

  /** The access token's audience. `undefined` if the provider gives an opaque token, which is for itself only. */
  function audienceOf(known) {
    const { accessToken } = rulesOf(settings);
    const { audience, resource, scope } = known;
    if (accessToken === 'opaque without audience') return audience;
    if (accessToken === 'opaque without resource') return resource;
    if (accessToken === 'by scope') return words(scope).find((name) => name.includes('://'))?.replace(/\/[^/]*$/, '');
    return resource ?? audience ?? defaultAudience;
  }

  const logouts = {
    none: (ctx) => sendErrorPage(ctx, 404, 'not_found', 'This provider has no logout.'),
    'refuses without id_token_hint': (ctx) => sendErrorPage(ctx, 400, 'invalid_request', 'The parameter id_token_hint is missing.'),
    async 'no redirect without id_token_hint'(ctx, next, endSession) {
      await endSession(ctx, next);
      sendPage(ctx, 200, 'Signed out', '<h1>Signed out</h1><p>This provider does not know where to return to.</p>');
      ctx.remove('Location');
    },
    'asks without id_token_hint': (ctx) => sendPage(ctx, 200, 'Sign out', '<h1>Sign out</h1><p>Do you want to sign out?</p><form><button>Sign out</button></form>'),
  };

  /** A logout at a URL that is not the standard's, with a parameter of its own for the page to return to. */
  async function ownLogout(ctx, next, endSession, { returnParameter }) {
    const { client_id: clientId, [returnParameter]: target } = ctx.query;
    if (!clientId || !settings.logoutUrls.includes(target)) return sendErrorPage(ctx, 400, 'invalid_request', `The parameter ${returnParameter} must be a registered URL.`);
    ctx.path = routes.end_session;
    ctx.url = `${routes.end_session}?${new URLSearchParams({ client_id: clientId, post_logout_redirect_uri: target })}`;
    return endSession(ctx, next);
  }

  return {
    adjustRequest,

    /** Notes what a code is for. */
    noteCode(code, query) {
      if (settings.profile && code) asked.set(code, apiParams(query, rulesOf(settings).parameters?.authorize));
    },

    /** Takes the parameters that the library does not know out of a token request, and notes them. */
    takeTokenParams(ctx) {
      if (!settings.profile || !ctx.state.form) return;
      const { audience, resource, scope, ...form } = ctx.state.form;
      ctx.state.asked = apiParams({ audience, resource, scope }, rulesOf(settings).parameters?.token);
      replaceForm(ctx.req, form);
    },

    /** The audience of an access token, and whether the provider gives a JWT at all. */
    audience(ctx, { code, grantId }) {
      if (!settings.profile) return { audience: defaultAudience };
      const known = asked.get(code) ?? asked.get(grantId) ?? {};
      if (code) asked.set(grantId, known);
      const own = Object.fromEntries(Object.entries(ctx.state.asked ?? {}).filter(([, value]) => value !== undefined));
      return { audience: audienceOf({ ...known, ...own }), scope: own.scope };
    },

    shapeMetadata(body) {
      const { issuerTemplate, logout, metadata = {}, scopes } = rulesOf(settings);
      if (!settings.profile) return body;
      const shaped = { ...body, ...metadata.set, ...(scopes && { scopes_supported: scopes }), ...(issuerTemplate && { issuer: publishedIssuer(issuer) }) };
      for (const name of metadata.remove ?? []) delete shaped[name];
      if (logout === 'none' || typeof logout === 'object') delete shaped.end_session_endpoint;
      return shaped;
    },

    /** The provider's own word for an error. */
    errorOf(error, { isSilent, isRefresh }) {
      const { refreshErrors, silent } = rulesOf(settings);
      if (isSilent && error === 'login_required' && silent?.endsWith('_required')) return silent;
      if (isRefresh && error === 'invalid_grant' && refreshErrors?.length) return refreshErrors[0];
      return error;
    },

    /** Whether this is the URL of a logout that is not the standard's. */
    isOwnLogout: (path) => typeof rulesOf(settings).logout === 'object' && path === rulesOf(settings).logout.path,

    async logout(ctx, next, endSession) {
      const { logout } = rulesOf(settings);
      if (typeof logout === 'object') return ctx.path === logout.path ? ownLogout(ctx, next, endSession, logout) : logouts.none(ctx);
      const handler = ctx.path === routes.end_session && (logout === 'none' || !ctx.query.id_token_hint) ? logouts[logout] : undefined;
      return handler ? handler(ctx, next, endSession) : endSession(ctx, next);
    },

    clear: () => asked.clear(),
  };
}
