// It stores nothing either: storage is the app's code.
import * as client from 'openid-client';

const NAME = 'openid-client';
let asking;
let config;
let tokens;

async function discover() {
  const checks = config.checksSignature ? [client.enableNonRepudiationChecks] : [];
  const metadata = { id_token_signed_response_alg: config.alg };
  return client.discovery(new URL(config.issuer), config.clientId, metadata, client.None(), { execute: [client.allowInsecureRequests, ...checks] });
}

const server = () => (asking ??= discover());

function keep(told) {
  tokens = { ...tokens, ...told, end: Date.now() + told.expires_in * 1000 };
}

export function init(given) {
  config = given;
}

export async function login() {
  const [verifier, state, nonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()];
  sessionStorage.setItem(NAME, JSON.stringify([verifier, state, nonce]));
  location.assign(client.buildAuthorizationUrl(await server(), {
    redirect_uri: config.redirectUri, scope: config.scope, state, nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  }));
}

export async function handleCallback() {
  const [pkceCodeVerifier, expectedState, expectedNonce] = JSON.parse(sessionStorage.getItem(NAME));
  sessionStorage.removeItem(NAME);
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
  keep(await client.authorizationCodeGrant(await server(), new URL(location.href), checks));
}

export const forceRefresh = async () => keep(await client.refreshTokenGrant(await server(), tokens.refresh_token));

export async function getAccessToken() {
  if (tokens.end <= Date.now()) await forceRefresh();
  return tokens.access_token;
}

export const isAuthenticated = () => Boolean(tokens);

// Not measured, but part of the whole job, and so of the size.
export const userInfo = async () => client.fetchUserInfo(await server(), await getAccessToken(), tokens.claims().sub);

export async function logout() {
  await client.tokenRevocation(await server(), tokens.refresh_token);
  location.assign(client.buildEndSessionUrl(await server(), { id_token_hint: tokens.id_token }));
}
