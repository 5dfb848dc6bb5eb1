import { Auth0Client } from '@auth0/auth0-spa-js';

let client;

export function init(config) {
  client = new Auth0Client({
    // It appends a slash to the domain, and compares that with the issuer.
    domain: config.issuer.replace(/\/$/, ''),
    clientId: config.clientId,
    useRefreshTokens: true,
    ...(config.storage === 'local' && { cacheLocation: 'localstorage' }),
    authorizationParams: { redirect_uri: config.redirectUri, scope: config.scope },
  });
}

export const login = () => client.loginWithRedirect();
export const handleCallback = () => client.handleRedirectCallback();
export const isAuthenticated = () => client.isAuthenticated();
export const getAccessToken = () => client.getTokenSilently();
export const forceRefresh = () => client.getTokenSilently({ cacheMode: 'off' });
