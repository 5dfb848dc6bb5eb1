// This library, as an app imports it: the worker's two files are next to the script.
import { createAuth } from 'wristband-spa-auth';

let auth;
let config;

async function start() {
  auth = await createAuth({
    issuer: config.issuer,
    clientId: config.clientId,
    redirectUri: config.redirectUri,
    scopes: config.scope.split(' '),
    apis: [config.api],
    vault: config.home,
    restore: config.restore,
    workerUrl: new URL('./vault.js', import.meta.url),
    wasmUrl: new URL('./vault.wasm', import.meta.url),
    // No production app sets these: the first is for plain HTTP on loopback, the second to hand out the token as the others do.
    allowInsecureLoopback: true,
    exposeAccessToken: true,
  });
}

// On the callback page the start is the callback, and is measured as such.
export async function init(given) {
  config = given;
  if (!config.isCallback) await start();
}

export const handleCallback = start;
export const login = () => auth.login({ returnTo: config.homeUrl });

export async function isAuthenticated() {
  // The page is about to redirect, to restore the session.
  if (auth.state.status === 'loading') await new Promise(() => {});
  return auth.state.status === 'signed-in';
}

export const getAccessToken = () => auth.accessToken();
export const forceRefresh = () => auth.renew();
export const call = (url) => auth.fetch(url);
