// Its start finishes the callback. Tokens are in memory; after a reload it asks the provider again, with a redirect.
import { createOidc, oidcEarlyInit } from 'oidc-spa/core';

const BASE_URL = location.pathname.replace(/[^/]*$/, '');
const restoring = { BASE_URL, sessionRestorationMethod: 'full page redirect' };
oidcEarlyInit(restoring);

let config;
let oidc;

async function start() {
  oidc = await createOidc({ issuerUri: config.issuer, clientId: config.clientId, scopes: config.scope.split(' '), ...restoring });
  if (oidc.initializationError) throw oidc.initializationError;
}

export async function init(given) {
  config = given;
  if (!config.isCallback) await start();
}

export const handleCallback = start;
export const login = () => oidc.login();
export const isAuthenticated = () => oidc.isUserLoggedIn;
export const getAccessToken = async () => (await oidc.getTokens()).accessToken;
export const forceRefresh = () => oidc.renewTokens();
