// The same work with nothing but what browsers have: endpoints known, no discovery. What a library cannot be faster than.
let config;
let database;
let flight;
let keys;
let others;
let tokens;

const NAME = 'floor';
const toBase64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const fromBase64url = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
const random = () => toBase64url(crypto.getRandomValues(new Uint8Array(32)));
const readJson = (text) => JSON.parse(new TextDecoder().decode(fromBase64url(text)));
const settled = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function load() {
  if (config.storage === 'local') tokens = JSON.parse(localStorage.getItem(NAME));
  else if (database) tokens = await settled(database.transaction(NAME).objectStore(NAME).get(NAME));
}

async function save() {
  if (config.storage === 'local') localStorage.setItem(NAME, JSON.stringify(tokens));
  else if (database) await settled(database.transaction(NAME, 'readwrite').objectStore(NAME).put(tokens, NAME));
}

export async function init(given) {
  config = given;
  if (config.storage === 'indexedDB') {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(NAME);
    database = await settled(opening);
  }
  if (config.storage) {
    others = new BroadcastChannel(NAME);
    // Another tab renewed: what is known here is looked up again before it is used.
    others.onmessage = () => {
      if (tokens) tokens.end = 0;
    };
  }
  await load();
}

export async function login() {
  const [verifier, state, nonce] = [random(), random(), random()];
  sessionStorage.setItem(NAME, JSON.stringify([verifier, state, nonce]));
  const challenge = toBase64url(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)));
  const query = new URLSearchParams({
    client_id: config.clientId, redirect_uri: config.redirectUri, response_type: 'code', scope: config.scope, state, nonce,
    code_challenge: challenge, code_challenge_method: 'S256',
  });
  location.assign(`${config.metadata.authorization_endpoint}?${query}`);
}

async function isSigned(idToken) {
  const [header, claims, signature] = idToken.split('.');
  const { kid, alg } = readJson(header);
  keys ??= (await (await fetch(config.metadata.jwks_uri)).json()).keys;
  const isRsa = alg === 'RS256';
  const kind = isRsa ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } : { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await crypto.subtle.importKey('jwk', keys.find((one) => one.kid === kid), kind, false, ['verify']);
  const input = new TextEncoder().encode(`${header}.${claims}`);
  return crypto.subtle.verify(isRsa ? kind.name : { name: 'ECDSA', hash: 'SHA-256' }, key, fromBase64url(signature), input);
}

async function exchange(form, nonce) {
  const body = new URLSearchParams({ client_id: config.clientId, ...form });
  const response = await fetch(config.metadata.token_endpoint, { method: 'POST', body });
  const told = await response.json();
  if (!response.ok) throw new Error(`${told.error}: ${told.error_description}`);
  if (told.id_token) {
    const claims = readJson(told.id_token.split('.')[1]);
    const isGood = claims.iss === config.issuer && claims.aud === config.clientId && claims.exp * 1000 > Date.now() && (!nonce || claims.nonce === nonce);
    if (!isGood || (config.checksSignature && !(await isSigned(told.id_token)))) throw new Error('bad ID token');
  }
  tokens = { ...tokens, ...told, end: Date.now() + told.expires_in * 1000 };
  await save();
}

export async function handleCallback() {
  const query = new URLSearchParams(location.search);
  const [verifier, state, nonce] = JSON.parse(sessionStorage.getItem(NAME));
  sessionStorage.removeItem(NAME);
  if (query.get('state') !== state || query.get('iss') !== config.issuer) throw new Error('bad state');
  await exchange({ grant_type: 'authorization_code', code: query.get('code'), redirect_uri: config.redirectUri, code_verifier: verifier }, nonce);
}

export const isAuthenticated = () => Boolean(tokens);

async function renew() {
  await exchange({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token });
  others?.postMessage(0);
}

export async function forceRefresh() {
  await load();
  await renew();
}

const isFresh = () => tokens?.end > Date.now();

export async function getAccessToken() {
  if (isFresh()) return tokens.access_token;
  flight ??= navigator.locks.request(NAME, async () => {
    await load();
    if (!isFresh()) await renew();
  }).finally(() => { flight = undefined; });
  await flight;
  return tokens.access_token;
}
