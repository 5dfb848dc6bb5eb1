// Without its service worker: the tokens are in the storage that the settings name.
import { OidcClient, OidcLocation, TokenAutomaticRenewMode } from '@axa-fr/oidc-client';

let client;
let homeUrl;

class Here extends OidcLocation {
  open(url) {
    location.assign(url);
  }
}

export async function init(config) {
  homeUrl = new URL(config.homeUrl).pathname;
  client = OidcClient.getOrCreate(() => fetch, new Here())({
    client_id: config.clientId,
    redirect_uri: config.redirectUri,
    scope: config.scope,
    authority: config.issuer.replace(/\/$/, ''),
    token_automatic_renew_mode: TokenAutomaticRenewMode.AutomaticOnlyWhenFetchExecuted,
    ...(config.storage === 'local' && { storage: localStorage, login_state_storage: sessionStorage }),
  });
  if (!config.isCallback) await client.tryKeepExistingSessionAsync();
}

export const login = () => client.loginAsync(homeUrl);
export const handleCallback = () => client.loginCallbackAsync();
export const isAuthenticated = () => Boolean(client.tokens);
export const getAccessToken = async () => (await client.getValidTokenAsync())?.tokens?.accessToken;
export const forceRefresh = () => client.renewTokensAsync();
