// Only its size is measured.
import { PublicClientApplication } from '@azure/msal-browser';

let client;
let scopes;

export async function init(config) {
  scopes = config.scope.split(' ');
  client = new PublicClientApplication({ auth: { clientId: config.clientId, authority: config.issuer, redirectUri: config.redirectUri } });
  await client.initialize();
}

export const login = () => client.loginRedirect({ scopes });
export const handleCallback = () => client.handleRedirectPromise();
export const isAuthenticated = () => Boolean(client.getActiveAccount());
export const getAccessToken = async () => (await client.acquireTokenSilent({ scopes })).accessToken;
export const forceRefresh = () => client.acquireTokenSilent({ scopes, forceRefresh: true });
export const logout = () => client.logoutRedirect();
