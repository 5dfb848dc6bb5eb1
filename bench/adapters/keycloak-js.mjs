// Its start finishes the callback. Tokens are in memory.
import Keycloak from 'keycloak-js';

let config;
let keycloak;

async function start() {
  keycloak = new Keycloak({ clientId: config.clientId, oidcProvider: config.knowsMetadata ? config.metadata : config.issuer });
  await keycloak.init({ pkceMethod: 'S256', checkLoginIframe: false, responseMode: 'query', scope: config.scope, redirectUri: config.redirectUri });
}

export async function init(given) {
  config = given;
  if (!config.isCallback) await start();
}

export const handleCallback = start;
export const login = () => keycloak.login();
export const isAuthenticated = () => keycloak.authenticated;
export const forceRefresh = () => keycloak.updateToken(-1);

export async function getAccessToken() {
  await keycloak.updateToken(0);
  return keycloak.token;
}
