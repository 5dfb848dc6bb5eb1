// It checks the signature, and keeps tokens in localStorage.
import LogtoClient from '@logto/browser';

let client;
let config;

export function init(given) {
  config = given;
  // It looks for the metadata at the path that its vendor's provider uses.
  const ask = globalThis.fetch;
  const OWN = '/oidc/.well-known/openid-configuration';
  globalThis.fetch = (url, options) => ask(String(url).endsWith(OWN) ? `${config.issuer}.well-known/openid-configuration` : url, options);
  client = new LogtoClient({ endpoint: config.issuer, appId: config.clientId, scopes: config.scope.split(' ') });
}

export const login = () => client.signIn(config.redirectUri);
export const handleCallback = () => client.handleSignInCallback(location.href);
export const isAuthenticated = () => client.isAuthenticated();
export const getAccessToken = () => client.getAccessToken();

export async function forceRefresh() {
  await client.clearAccessToken();
  await client.getAccessToken();
}
