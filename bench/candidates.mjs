// The candidates and their settings. The code for each is in `adapters/`, under the same name.

/**
 * - `package`: the npm package whose version is reported.
 * - `variants`: the settings in which a login, a cached token and a renewal are measured. `signed`: it checks the ID token's signature, so it is
 *   compared with the floor that does so as well.
 * - `tabs`: the settings in which several tabs share one session, if it can do that.
 * - `files`: the files next to the script. `worker`: the sources of its worker.
 * - `isFloor`: no library, but the same work done by hand.
 * - `sizeOnly`: it cannot sign in at another vendor's provider.
 */
export const candidates = [
  {
    name: 'floor',
    isFloor: true,
    variants: [
      { id: 'no signature check', config: {} },
      { id: 'RS256', signed: true, config: { checksSignature: true } },
      { id: 'ES256', signed: true, config: { checksSignature: true, alg: 'ES256' } },
      { id: 'RS256, tokens in localStorage', signed: true, config: { checksSignature: true, storage: 'local' } },
    ],
    tabs: [
      { id: 'one lock, localStorage', config: { storage: 'local' } },
      { id: 'one lock, IndexedDB', config: { storage: 'indexedDB' } },
    ],
  },
  {
    name: 'floor-worker',
    isFloor: true,
    worker: 'adapters/floor/vault.mjs',
    variants: [{ id: 'RS256, tokens in a SharedWorker', signed: true, config: { checksSignature: true } }],
    tabs: [{ id: 'one SharedWorker', config: { checksSignature: true } }],
  },
  {
    name: 'wristband-spa-auth',
    files: ['vault.js', 'vault.wasm'],
    variants: [
      { id: 'SharedWorker (default)', signed: true, config: { home: 'shared', restore: 'redirect' } },
      { id: 'SharedWorker, ES256', signed: true, config: { home: 'shared', restore: 'redirect', alg: 'ES256' } },
      { id: 'Worker', signed: true, config: { home: 'worker', restore: 'none' } },
      { id: 'in the page', signed: true, config: { home: 'page', restore: 'none' } },
    ],
    tabs: [{ id: 'SharedWorker (default)', renewsAhead: true, config: { home: 'shared', restore: 'redirect' } }],
  },
  {
    name: 'oidc-client-ts',
    package: 'oidc-client-ts',
    variants: [
      { id: 'default (discovery, sessionStorage)', config: {} },
      { id: 'metadata given', config: { knowsMetadata: true } },
    ],
    tabs: [{ id: 'localStorage', config: { storage: 'local' } }],
  },
  {
    name: 'auth0-spa-js',
    package: '@auth0/auth0-spa-js',
    variants: [
      { id: 'default (memory, worker)', config: {} },
      { id: 'localStorage', config: { storage: 'local' } },
    ],
    tabs: [{ id: 'localStorage', config: { storage: 'local' } }],
  },
  {
    name: 'oidc-spa',
    package: 'oidc-spa',
    variants: [{ id: 'default (memory, redirect to restore)', config: {} }],
    tabs: [],
  },
  {
    name: 'oauth4webapi',
    package: 'oauth4webapi',
    variants: [
      { id: 'metadata given, no signature check', config: { knowsMetadata: true } },
      { id: 'discovery, RS256', signed: true, config: { checksSignature: true } },
      { id: 'metadata given, RS256', signed: true, config: { knowsMetadata: true, checksSignature: true } },
    ],
    tabs: [{ id: 'localStorage, plain code of the app', config: { storage: 'local' } }],
  },
  {
    name: 'keycloak-js',
    package: 'keycloak-js',
    // It parses access and refresh tokens, which have to be JWTs.
    variants: [{ id: 'default (memory)', config: { knowsMetadata: true, jwtAccessTokens: true } }],
    tabs: [],
  },
  {
    name: 'logto-browser',
    package: '@logto/browser',
    variants: [{ id: 'default (localStorage)', signed: true, config: { checksSignature: true } }],
    tabs: [{ id: 'default (localStorage)', config: { storage: 'local' } }],
  },
  {
    name: 'axa-oidc-client',
    package: '@axa-fr/oidc-client',
    variants: [{ id: 'sessionStorage, without its service worker', config: {} }],
    tabs: [{ id: 'localStorage, without its service worker', config: { storage: 'local' } }],
  },
  {
    name: 'okta-auth-js',
    package: '@okta/okta-auth-js',
    variants: [{ id: 'default (localStorage)', signed: true, config: { checksSignature: true } }],
    tabs: [{ id: 'default (localStorage)', config: { storage: 'local' } }],
  },
  {
    name: 'openid-client',
    package: 'openid-client',
    variants: [{ id: 'discovery, RS256', signed: true, config: { checksSignature: true } }],
    tabs: [],
  },
  { name: 'msal-browser', package: '@azure/msal-browser', sizeOnly: true, variants: [], tabs: [] },
];
