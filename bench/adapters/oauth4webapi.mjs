// It stores nothing: storage and the check for expiry are the app's code, here as simple as in the library's examples.
import * as oauth from 'oauth4webapi';

const NAME = 'oauth4webapi';
const INSECURE = { [oauth.allowInsecureRequests]: true };
const authentication = oauth.None();

let asking;
let client;
let config;
let kept;

async function discover() {
  const issuer = new URL(config.issuer);
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, INSECURE));
}

const server = () => (asking ??= config.knowsMetadata ? Promise.resolve(config.metadata) : discover());
const tokens = () => (config.storage === 'local' ? JSON.parse(localStorage.getItem(NAME)) : kept);

function keep(told) {
  const all = { ...tokens(), ...told, end: Date.now() + told.expires_in * 1000 };
  if (config.storage === 'local') localStorage.setItem(NAME, JSON.stringify(all));
  else kept = all;
}

export function init(given) {
  config = given;
  client = { client_id: config.clientId, id_token_signed_response_alg: config.alg };
}

export async function login() {
  const address = new URL((await server()).authorization_endpoint);
  const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()];
  sessionStorage.setItem(NAME, JSON.stringify([verifier, state, nonce]));
  address.search = new URLSearchParams({
    client_id: config.clientId, redirect_uri: config.redirectUri, response_type: 'code', scope: config.scope, state, nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  });
  location.assign(address);
}

export async function handleCallback() {
  const as = await server();
  const [verifier, state, expectedNonce] = JSON.parse(sessionStorage.getItem(NAME));
  sessionStorage.removeItem(NAME);
  const parameters = oauth.validateAuthResponse(as, client, new URL(location.href), state);
  const response = await oauth.authorizationCodeGrantRequest(as, client, authentication, parameters, config.redirectUri, verifier, INSECURE);
  const told = await oauth.processAuthorizationCodeResponse(as, client, response, { expectedNonce, requireIdToken: true });
  if (config.checksSignature) await oauth.validateApplicationLevelSignature(as, response, INSECURE);
  keep(told);
}

export async function forceRefresh() {
  const as = await server();
  const response = await oauth.refreshTokenGrantRequest(as, client, authentication, tokens().refresh_token, INSECURE);
  const told = await oauth.processRefreshTokenResponse(as, client, response);
  if (config.checksSignature && told.id_token) await oauth.validateApplicationLevelSignature(as, response, INSECURE);
  keep(told);
}

export async function getAccessToken() {
  if (tokens().end <= Date.now()) await forceRefresh();
  return tokens().access_token;
}

export const isAuthenticated = () => Boolean(tokens());

// Not measured, but part of the whole job, and so of the size.
export async function userInfo() {
  const as = await server();
  const { sub } = oauth.getValidatedIdTokenClaims(tokens());
  return oauth.processUserInfoResponse(as, client, sub, await oauth.userInfoRequest(as, client, await getAccessToken(), INSECURE));
}

export async function logout() {
  const as = await server();
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, authentication, tokens().refresh_token, INSECURE));
  location.assign(`${as.end_session_endpoint}?${new URLSearchParams({ id_token_hint: tokens().id_token })}`);
}
