// The provider that all candidates are measured against, and the host of the pages and of the API. Loopback only.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import Provider, { errors } from 'oidc-provider';

const HOST = '127.0.0.1';
const SERVERS = ['provider', 'app', 'api'];
const SCOPES = 'openid profile email offline_access';
const HOUR = 3600;

/** Keeps everything in memory. A code or refresh token may be used once: a second use ends everything of the same login. */
function memory() {
  const kept = new Map();
  const ofGrant = new Map();
  const ofUid = new Map();
  return class Memory {
    constructor(model) {
      this.model = model;
    }

    key(id) {
      return `${this.model}:${id}`;
    }

    async upsert(id, payload) {
      kept.set(this.key(id), payload);
      if (payload.grantId) ofGrant.set(payload.grantId, [...(ofGrant.get(payload.grantId) ?? []), this.key(id)]);
      if (this.model === 'Session') ofUid.set(payload.uid, id);
    }

    async find(id) {
      return kept.get(this.key(id));
    }

    async findByUid(uid) {
      return this.find(ofUid.get(uid));
    }

    async destroy(id) {
      kept.delete(this.key(id));
    }

    async consume(id) {
      const payload = kept.get(this.key(id));
      if (payload?.consumed) {
        await this.revokeByGrantId(payload.grantId);
        kept.delete(`Grant:${payload.grantId}`);
        throw new errors.InvalidGrant('used for the second time');
      }
      if (payload) payload.consumed = Math.floor(Date.now() / 1000);
    }

    async revokeByGrantId(grantId) {
      for (const key of ofGrant.get(grantId) ?? []) kept.delete(key);
      ofGrant.delete(grantId);
    }
  };
}

const keyPair = (kind, options, alg) => ({ ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }), use: 'sig', alg, kid: alg });

/** The clients by their differences: the ID token's algorithm, and whether access tokens are JWTs. */
const CLIENTS = { 'spa-RS256': 'RS256', 'spa-ES256': 'ES256', 'spa-jwt': 'RS256' };

function configuration({ appOrigin, names, settings, resource }) {
  const uris = (...paths) => names.flatMap((name) => paths.map((path) => `${appOrigin}/app/${name}/${path}`));
  const client = ([client_id, alg]) => ({
    client_id,
    id_token_signed_response_alg: alg,
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: uris('callback', ''),
    post_logout_redirect_uris: uris(''),
  });
  return {
    adapter: memory(),
    clients: Object.entries(CLIENTS).map(client),
    jwks: { keys: [keyPair('rsa', { modulusLength: 2048 }, 'RS256'), keyPair('ec', { namedCurve: 'P-256' }, 'ES256')] },
    cookies: { keys: ['bench'] },
    // The endpoints that auth0-spa-js assumes. All others read the metadata.
    routes: { authorization: '/authorize', token: '/oauth/token', userinfo: '/userinfo', end_session: '/v2/logout', revocation: '/oauth/revoke', jwks: '/.well-known/jwks.json' },
    scopes: SCOPES.split(' '),
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    clientBasedCORS: (_context, origin) => origin === appOrigin,
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_context, { clientId }) => (clientId === 'spa-jwt' ? resource : []),
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: SCOPES, accessTokenFormat: 'jwt', accessTokenTTL: settings.accessTokenTtl }),
      },
    },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    ttl: { AccessToken: () => settings.accessTokenTtl, IdToken: HOUR, AuthorizationCode: 60, RefreshToken: 24 * HOUR, Session: 24 * HOUR, Grant: 24 * HOUR, Interaction: 600 },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({ sub, name: 'Ada Lovelace', email: 'ada@example.test', email_verified: true }),
    }),
    // Every login is a separate grant, and there is no consent prompt.
    async loadExistingGrant({ oidc }) {
      const { accountId } = oidc.session;
      if (!accountId) return undefined;
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId });
      grant.addOIDCScope(SCOPES);
      grant.addResourceScope(resource, SCOPES);
      await grant.save();
      return grant;
    },
    renderError(context, error) {
      context.type = 'text';
      context.body = JSON.stringify(error);
    },
  };
}

/** Binds a server to a free port on loopback, and resolves to the port. */
export const listen = (server) => new Promise((resolve) => {
  // Connections that Chromium keeps open must not be closed between two measurements.
  server.keepAliveTimeout = 120_000;
  server.listen(0, HOST, () => resolve(server.address().port));
});

/** Serves over plain HTTP. `handle(name, request, response)` answers the requests of the server of that name. */
async function overHttp(names, handle) {
  const servers = names.map((name) => createServer((request, response) => handle(name, request, response)));
  const ports = await Promise.all(servers.map(listen));
  return {
    origins: ports.map((port) => `http://${HOST}:${port}`),
    readJson: async (url) => (await fetch(url)).json(),
    close: () => servers.forEach((server) => { server.closeAllConnections(); server.close(); }),
  };
}

/** An API that accepts every access token. Its response is small, and readable by all origins. */
function api(request, response, log) {
  const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'authorization', 'access-control-max-age': '7200' };
  if (request.method === 'OPTIONS') return response.writeHead(204, cors).end();
  const status = request.headers.authorization?.startsWith('Bearer ') ? 200 : 401;
  log.push({ method: request.method, path: '/api', status });
  return response.writeHead(status, { ...cors, 'content-type': 'application/json' }).end('{"invoices":[]}');
}

/** keycloak-js parses refresh tokens too: those of its client look like the JWTs of its vendor's provider. */
function dressRefreshTokens({ prototype }) {
  const part = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');
  const plain = prototype.generateTokenId;
  prototype.generateTokenId = function generateTokenId() {
    const id = plain.call(this);
    if (this.clientId !== 'spa-jwt') return id;
    const now = Math.floor(Date.now() / 1000);
    return [part({ alg: 'HS256' }), part({ iat: now, exp: now + HOUR }), id].join('.');
  };
}

/** Starts all three. `names` are those of the apps, `serve` listens, and `pages(loaded)` creates the handler of the apps' host. */
export async function start({ names, serve = overHttp, pages }) {
  const settings = { accessTokenTtl: HOUR, delaysRenewalBy: 0, userTakes: 0 };
  const log = [];
  const handlers = {};
  const hosts = await serve(SERVERS, (name, request, response) => handlers[name](request, response));
  const [origin, appOrigin, apiOrigin] = hosts.origins;
  // auth0-spa-js compares with a slash at the end.
  const issuer = `${origin}/`;
  const provider = new Provider(issuer, configuration({ appOrigin, names, settings, resource: `${apiOrigin}/` }));
  dressRefreshTokens(provider.RefreshToken);
  provider.use(async (context, next) => {
    const interaction = context.path.startsWith('/interaction/');
    if (interaction) {
      if (settings.userTakes) await pause(settings.userTakes);
      const result = { login: { accountId: 'ada', remember: true }, consent: {} };
      await provider.interactionFinished(context.req, context.res, result, { mergeWithLastSubmission: false });
      context.respond = false;
      return;
    }
    await next();
    const { method, path, status } = context;
    if (context.oidc?.params?.grant_type === 'refresh_token') await pause(settings.delaysRenewalBy);
    log.push({ method, path, status, error: status < 400 ? undefined : context.body?.error_description });
  });
  const answer = provider.callback();
  handlers.provider = (request, response) => {
    // keycloak-js sends its token request with credentials.
    const writeHead = response.writeHead.bind(response);
    response.writeHead = (...head) => {
      if (response.getHeader('access-control-allow-origin')) response.setHeader('access-control-allow-credentials', 'true');
      return writeHead(...head);
    };
    return answer(request, response);
  };
  const loaded = new Set();
  handlers.app = pages(loaded);
  handlers.api = (request, response) => api(request, response, log);
  const metadata = await hosts.readJson(`${issuer}.well-known/openid-configuration`);
  return {
    api: `${apiOrigin}/`,
    appOrigin,
    issuer,
    loaded,
    metadata,
    scope: 'openid profile email',
    set: (changed) => Object.assign(settings, changed),
    /** The requests since the last call, without preflights. */
    takeLog: () => log.splice(0).filter(({ method }) => method !== 'OPTIONS'),
    close: hosts.close,
  };
}
