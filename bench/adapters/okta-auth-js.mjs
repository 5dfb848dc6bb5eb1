// It checks the signature, and keeps tokens in localStorage. `/core` is its vendor's slim entry.
import { OktaAuth } from '@okta/okta-auth-js/core';

let okta;

export function init({ issuer, clientId, redirectUri, scope, metadata }) {
  okta = new OktaAuth({
    issuer: issuer.replace(/\/$/, ''),
    clientId,
    redirectUri,
    scopes: [...scope.split(' '), 'offline_access'],
    pkce: true,
    authorizeUrl: metadata.authorization_endpoint,
    tokenUrl: metadata.token_endpoint,
    userinfoUrl: metadata.userinfo_endpoint,
    revokeUrl: metadata.revocation_endpoint,
    logoutUrl: metadata.end_session_endpoint,
    tokenManager: { autoRenew: false, autoRemove: false },
  });
}

export const login = () => okta.signInWithRedirect();
export const handleCallback = () => okta.storeTokensFromRedirect();
export const isAuthenticated = async () => Boolean((await okta.tokenManager.getTokens()).accessToken);
export const getAccessToken = () => okta.getOrRenewAccessToken();
export const forceRefresh = () => okta.tokenManager.renew('accessToken');
