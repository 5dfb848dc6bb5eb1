// Assembles the parts and starts to listen.
import { createApi } from './api.js';
import { createAuthorize } from './authorize.js';
import { createControl } from './control.js';
import { createCors } from './cors.js';
import { APPLICATION_ID, createDirectory, DEFAULT_CLIENT_ID } from './directory.js';
import { createDiscoveryPage } from './discovery-page.js';
import { createDpop } from './dpop.js';
import { createFaults } from './faults.js';
import { createHosts } from './hosts.js';
import { createKeys } from './keys.js';
import { listen } from './listen.js';
import { createLogin, createRequestTokens } from './login.js';
import { createLogout } from './logout.js';
import { createOidc, routesOf } from './oidc.js';
import { createPar } from './par.js';
import { createPlain, PLAIN_ALGORITHMS, plainClientId } from './plain.js';
import { createProfiles, issuerOf } from './profiles.js';
import { createProofs } from './proofs.js';
import { createRecords } from './records.js';
import { createRefreshTokens } from './refresh-tokens.js';
import { endpointLayer, placeLayer, plainLayer, recordLayer, wristbandLayer } from './router.js';
import { defaultSettings, patchSettings, registeredOrigins } from './settings.js';
import { createSignUp } from './sign-up.js';
import { createStore } from './store.js';
import { createTokens } from './tokens.js';
import { createUserinfo } from './userinfo.js';
import { createDocuments } from './wristband.js';

/** Clients are looked up for every request, so that redirect URIs can be added while the provider runs. */
function createClients({ plain, settings, clientId }) {
  const algorithms = new Map([[clientId, 'RS256']]);
  if (plain) for (const alg of PLAIN_ALGORITHMS) algorithms.set(plainClientId(alg), alg);
  return (id) => algorithms.has(id) ? {
    client_id: id,
    application_type: settings.native ? 'native' : 'web',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: settings.redirectUris,
    ...(plain && { post_logout_redirect_uris: settings.logoutUrls }),
    id_token_signed_response_alg: algorithms.get(id),
  } : undefined;
}

const LOOPBACK = ['http://127.0.0.1/callback', 'http://[::1]/callback'];

function urlsOf({ appOrigins, redirectUris, loginUrl, logoutUrls, native }) {
  if (native) {
    return { redirectUris: redirectUris.length ? redirectUris : LOOPBACK, logoutUrls, loginUrl: loginUrl ?? 'http://127.0.0.1/login' };
  }
  return {
    redirectUris: redirectUris.length ? redirectUris : appOrigins.map((origin) => `${origin}/callback`),
    logoutUrls: logoutUrls.length ? logoutUrls : appOrigins.flatMap((origin) => [`${origin}/`, `${origin}/goodbye`]),
    loginUrl: loginUrl ?? `${appOrigins[0]}/login`,
  };
}

/** The settings of an app, as `createAuth` of wristband-spa-auth takes them. */
function appSettingsOf({ plain, issuer, clientId, application, api, settings }) {
  const { redirectUris: [redirectUri], logoutUrls: [postLogoutUrl], loginUrl } = settings;
  return {
    ...(plain ? { issuer } : { applicationVanityDomain: application }),
    clientId,
    redirectUri,
    ...(!plain && !settings.native && { loginUrl }),
    ...(postLogoutUrl && { postLogoutUrl }),
    scopes: plain ? ['openid', 'offline_access', 'profile', 'email'] : ['openid', 'offline_access', 'profile', 'email', 'phone', 'roles'],
    apis: [api],
    allowInsecureLoopback: true,
  };
}

/**
 * Starts a provider and its protected API.
 *
 * Ports default to 0, which selects free ones. `settings` are merged into the default ones. `directory` has `users` and perhaps `tenants`
 * that replace the default ones. `onRequest` is called with the log entry of every request. With `tls`, a key and a certificate in PEM, the
 * provider uses HTTPS, and its API does not.
 */
export async function startProvider({
  port: wantedPort = 0, apiPort: wantedApiPort = 0, plain = false, issuer: givenIssuer,
  appOrigins = ['http://localhost:4402'], redirectUris = [], loginUrl, logoutUrls = [], clientId = DEFAULT_CLIENT_ID, directory: givenDirectory,
  onRequest, settings: given = {}, tls,
} = {}) {
  const scheme = tls ? 'https' : 'http';
  const directory = createDirectory(givenDirectory);
  const initialSettings = patchSettings(defaultSettings({ plain, ...urlsOf({ appOrigins, redirectUris, loginUrl, logoutUrls, native: given?.native }) }), given);
  if (!/^[\x21-\x7e]{1,26}$/.test(clientId)) throw new TypeError('The client ID must have 1 to 26 characters, without spaces.');
  // The issuer contains the port, so the port has to be known before anything else is created.
  let handler = (_req, res) => res.writeHead(503).end();
  let apiHandler = handler;
  const main = await listen((req, res) => handler(req, res), wantedPort, tls);
  const api = await listen((req, res) => apiHandler(req, res), wantedApiPort).catch(async (error) => {
    await main.close();
    throw error;
  });

  const settings = structuredClone(initialSettings);
  const hosts = createHosts({ port: main.port, settings, plain, scheme, directory });
  const issuer = givenIssuer ?? (plain ? `${scheme}://localhost:${main.port}` : hosts.applicationUrl(''));
  const apiUrl = `http://localhost:${api.port}/v1/`;
  const clock = { shift: () => settings.clockShiftSeconds, now: () => Math.floor(Date.now() / 1000) + settings.clockShiftSeconds };
  const clients = createClients({ plain, settings, clientId });
  const keys = await createKeys(plain ? PLAIN_ALGORITHMS : ['RS256']);
  const [store, records, faults, cors] = [createStore({ settings, clients }), createRecords(), createFaults(), createCors(settings, directory)];
  const [refreshTokens, requestTokens] = [createRefreshTokens(), createRequestTokens()];
  // The activation of a custom domain changes the issuer.
  const currentIssuer = () => settings.issuer ?? issuerOf(settings, issuer);
  const profiles = createProfiles({ settings, issuer, routes: routesOf(plain), defaultAudience: apiUrl });

  const proofsFor = (demandsNonce) => createProofs({ clock, demandsNonce, nonceTtl: () => settings.dpopNonceTtl });
  const [proofs, apiProofs] = [proofsFor(() => settings.dpopNonce), proofsFor(() => settings.apiDpopNonce)];
  const dpop = createDpop({ settings, proofs });
  const par = createPar({ settings, clock, dpop });

  let oidc;
  const getProvider = () => oidc;
  const login = createLogin({
    settings,
    directory,
    requestTokens,
    par,
    getProvider,
    authorizePath: routesOf(plain).authorization,
    ...(!plain && {
      loginRoute: (tenant) => discoveryPage.loginRoute(tenant),
      changeTenantUrl: async (params) => hosts.applicationUrl(await discoveryPage.pathFor(params)),
    }),
  });
  const tokens = createTokens({ issuer: currentIssuer, plain, settings, keys, hosts, clock, records, refreshTokens, profiles, store, directory, dpop });
  const userinfo = createUserinfo({ settings, tokens, dpop });
  const landing = async (email) => {
    const allows = (url) => URL.canParse(url) && registeredOrigins(settings, directory.tenants).has(new URL(url).origin);
    const { tenant, path } = await login.landing(email, { clientId, redirectUri: settings.redirectUris[0], allows });
    return hosts.tenantUrl(directory.findTenant(tenant), path);
  };
  const appSettings = appSettingsOf({ plain, issuer, clientId, application: hosts.application, api: apiUrl, settings });
  const control = createControl({
    settings, initialSettings, faults, records, keys, store, tokens, profiles, proofs: [proofs, apiProofs], dpop, par, landing, directory, appSettings,
  });
  oidc = createOidc({ issuer, plain, settings, store, keys, login, applicationId: APPLICATION_ID, directory });

  const discoveryPage = createDiscoveryPage({ settings, hosts, clients, requestTokens, par, directory });
  oidc.use(recordLayer({ records, directory, onRequest }));
  oidc.use(placeLayer({ hosts, control }));
  oidc.use(endpointLayer({ plain, faults, cors, profiles }));
  oidc.use(plain
    ? plainLayer({ settings, plain: createPlain({ settings, keys, faults, records, store, profiles, dpop, par, getProvider }), login, tokens, userinfo, par, keys })
    : wristbandLayer({
      settings,
      login,
      refreshTokens,
      tokens,
      userinfo,
      par,
      discoveryPage,
      authorize: createAuthorize({ issuer: currentIssuer, settings, hosts, clients, faults, records, discoveryPage, dpop, par, getProvider }),
      logout: createLogout({ settings, hosts, clients, getProvider }),
      signUp: createSignUp({ directory, enter: ({ email, tenant }) => landing({ kind: 'sign-up', email, to: settings.signUpUrl ?? discoveryPage.loginRoute(directory.findTenant(tenant)) }) }),
      documents: createDocuments({ issuer: currentIssuer, settings, hosts, clients, keys }),
    }));
  handler = oidc.callback();
  apiHandler = createApi({ issuer: currentIssuer, settings, keys, clock, records, faults, directory, tokens, proofs: apiProofs, onRequest });

  return {
    port: main.port,
    apiPort: api.port,
    issuer,
    clientId,
    applicationVanityDomain: hosts.application,
    api: apiUrl,
    scheme,
    appSettings,
    settings,
    control,
    close: () => Promise.all([main.close(), api.close()]),
  };
}
