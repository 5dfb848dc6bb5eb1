// The configuration of the OpenID provider library. The library itself handles codes, PKCE, rotation, clients and sessions.
import { randomBytes } from 'node:crypto';
import Provider, { interactionPolicy } from 'oidc-provider';
import { APPLICATION_NAME } from './directory.js';
import { sendErrorPage, sendNotePage } from './pages.js';
import { givesRefreshToken, rulesOf } from './profiles.js';
import { DPOP_ALGORITHMS } from './proofs.js';
import { levelCheck } from './step-up.js';

const SCOPES = ['openid', 'offline_access', 'profile', 'email', 'phone', 'roles'];
const PROFILE = ['name', 'given_name', 'family_name', 'middle_name', 'nickname', 'preferred_username', 'picture',
  'gender', 'birthdate', 'zoneinfo', 'locale', 'updated_at'];

const WRISTBAND_ROUTES = {
  authorization: '/api/v1/oauth2/authorize',
  token: '/api/v1/oauth2/token',
  userinfo: '/api/v1/oauth2/userinfo',
  revocation: '/api/v1/oauth2/revoke',
  jwks: '/api/v1/oauth2/jwks',
  pushed_authorization_request: '/api/v1/oauth2/par',
  end_session: '/unused/end-session',
};
const PLAIN_ROUTES = {
  authorization: '/auth', token: '/token', userinfo: '/me', revocation: '/token/revocation', jwks: '/jwks', pushed_authorization_request: '/request', end_session: '/session/end',
};
export const routesOf = (plain) => (plain ? PLAIN_ROUTES : WRISTBAND_ROUTES);

/** Users are not asked for consent: the only reason to show a page is that no user is signed in, or not at the level that is asked for. */
function loginOnly(settings) {
  const policy = interactionPolicy.base();
  policy.remove('consent');
  policy.get('login').checks.add(levelCheck(settings));
  return policy;
}

/** A new grant, and so a new family of refresh tokens, for every authorization. */
async function newGrant(ctx) {
  const { client, session, provider } = ctx.oidc;
  if (!session.accountId) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(SCOPES.join(' '));
  await grant.save();
  return grant;
}

function accounts({ plain, applicationId, directory, settings }) {
  return (_ctx, id) => {
    const user = directory.findUser(id);
    if (!user) return undefined;
    const tenantClaims = plain ? {} : { tnt_id: user.tenantId, tnt_name: user.tenant, app_id: applicationId, app_name: APPLICATION_NAME, idp_name: 'wristband' };
    return {
      accountId: id,
      claims: async (use) => {
        const claims = { sub: id, ...tenantClaims, ...user.claims };
        if (plain || use !== 'userinfo') delete claims.custom_claims;
        return { ...claims, updated_at: claims.updated_at + settings.clockShiftSeconds };
      },
    };
  };
}

/** The library does not tell the application why it refuses the key of a proof. The log does. */
function explainRefusal(ctx, { error, error_detail: detail }) {
  if (/dpop|jkt/i.test(detail)) ctx.state.problem = `${error}: ${detail}`;
}

export function createOidc({ issuer, plain, settings, store, keys, login, applicationId, directory }) {
  const config = {
    adapter: store.Adapter,
    jwks: keys.privateJwks(),
    routes: routesOf(plain),
    scopes: SCOPES,
    claims: {
      openid: plain ? ['sub'] : ['sub', 'tnt_id', 'tnt_name', 'app_id', 'app_name', 'idp_name', 'custom_claims'],
      profile: PROFILE,
      email: ['email', 'email_verified'],
      phone: ['phone_number', 'phone_number_verified'],
      roles: ['roles'],
    },
    cookies: { keys: [randomBytes(24).toString('base64url')] },
    pkce: { required: () => true },
    responseTypes: ['code'],
    enabledJWA: {
      idTokenSigningAlgValues: plain ? ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] : ['RS256'],
      dPoPSigningAlgValues: DPOP_ALGORITHMS,
    },
    clientAuthMethods: ['none'],
    clientBasedCORS: () => true,
    features: {
      devInteractions: { enabled: false },
      // The settings switch these on and off: the middleware in front of the library removes what they do not allow.
      claimsParameter: { enabled: true },
      dPoP: { enabled: true, allowReplay: true },
      pushedAuthorizationRequests: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: {
        enabled: plain,
        ...(plain && {
          // The page that would ask for a click is never shown: the middleware behind the library ends the session.
          logoutSource: (ctx) => sendNotePage(ctx, 'Sign out', 'Signing out.'),
          postLogoutSuccessSource: (ctx) => sendNotePage(ctx, 'Signed out', 'You are signed out.'),
        }),
      },
    },
    interactions: { policy: loginOnly(settings), url: (ctx, interaction) => login.urlFor(ctx, interaction) },
    findAccount: accounts({ plain, applicationId, directory, settings }),
    loadExistingGrant: newGrant,
    issueRefreshToken: async (_ctx, _client, source) => givesRefreshToken(settings, source.scopes) && !settings.omitRefreshToken,
    // If the response omits the new refresh token, the old one has to stay valid, so it is not rotated.
    rotateRefreshToken: () => (rulesOf(settings).rotates ?? settings.rotateRefreshTokens) && !settings.omitRefreshTokenOnRefresh,
    // The library drops offline_access unless prompt=consent is requested. This hook runs after that and restores it.
    extraParams: {
      idp_hint: (ctx) => {
        const asked = String(ctx.query.scope ?? '').split(' ');
        if (asked.includes('offline_access')) ctx.oidc.params.scope = `${ctx.oidc.params.scope} offline_access`;
      },
    },
    renderError: (ctx, out) => sendErrorPage(ctx, ctx.status, out.error, out.error_description),
    ttl: {
      AccessToken: () => settings.accessTokenTtl,
      AuthorizationCode: () => settings.codeTtl,
      IdToken: () => settings.idTokenTtl,
      RefreshToken: () => settings.refreshTokenTtl,
      Session: () => settings.sessionTtl,
      Grant: () => settings.refreshTokenTtl + settings.sessionTtl,
      Interaction: () => 3600,
    },
    ...(!plain && { expiresWithSession: async () => false }),
  };
  const provider = new Provider(issuer, config);
  for (const name of ['grant.error', 'userinfo.error']) provider.on(name, explainRefusal);
  return provider;
}
