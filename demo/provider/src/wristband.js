// Wristband's documents about the application: SDK configuration, custom domains, discovery and keys.
import { extraMetadata } from './extensions.js';
import { routesOf } from './oidc.js';
import { randomId } from './tokens.js';

const notFound = (ctx, message) => {
  ctx.status = 404;
  ctx.body = { type: 'base_error', code: 'not_found', message, ticket: randomId() };
};

export function createDocuments({ issuer, settings, hosts, clients, keys }) {
  const routes = routesOf(false);
  const tenantSuffix = () => {
    const match = /^https?:\/\/\{tenant_(?:name|domain)\}\.([^/:]+)/.exec(settings.loginUrl);
    return match ? match[1] : null;
  };

  return {
    sdk(ctx) {
      const clientId = ctx.path.split('/')[4];
      const client = clients(clientId);
      if (!client) return notFound(ctx, 'There is no such client.');
      ctx.body = {
        applicationAuthorizationRequestsEnabled: settings.applicationAuthorization,
        customApplicationLoginPageUrl: settings.customApplicationLoginPageUrl,
        isApplicationCustomDomainActive: settings.customDomainActive,
        loginUrl: settings.clientLoginUrl ?? settings.loginUrl,
        loginUrlTenantDomainSuffix: tenantSuffix(),
        redirectUri: client.redirect_uris.length === 1 ? client.redirect_uris[0] : null,
      };
      return undefined;
    },

    validate(ctx) {
      const host = ctx.state.json?.tenantCustomDomain;
      if (typeof host === 'string' && host) {
        ctx.body = { valid: hosts.isCustomDomain(host) };
        return;
      }
      ctx.status = 400;
      ctx.body = {
        type: 'constraint_violations_error',
        code: 'message_body_constraint_violations',
        message: 'The body is not acceptable.',
        ticket: randomId(),
        violations: { tenantCustomDomain: [{ code: 'required', constraintAttributes: {} }] },
      };
    },

    discovery(ctx) {
      const endpoint = (name) => `${issuer().replace(/\/$/, '')}${routes[name]}`;
      ctx.body = {
        issuer: issuer(),
        authorization_endpoint: endpoint('authorization'),
        token_endpoint: endpoint('token'),
        userinfo_endpoint: endpoint('userinfo'),
        revocation_endpoint: endpoint('revocation'),
        jwks_uri: endpoint('jwks'),
        response_types_supported: ['code'],
        grant_types_supported: ['authorization_code', 'refresh_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        scopes_supported: ['openid', 'offline_access', 'profile', 'email', 'phone', 'roles'],
        code_challenge_methods_supported: ['S256'],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'none'],
        ...(settings.advertiseIss && { authorization_response_iss_parameter_supported: true }),
        ...extraMetadata(settings, { parEndpoint: endpoint('pushed_authorization_request') }),
      };
    },

    async jwks(ctx) {
      const { jwks } = ctx.state.fault ?? {};
      ctx.body = jwks ? await keys.spoiltJwks(jwks) : keys.publicJwks(settings.jwkAlg);
    },
  };
}
