// The work itself, with browser APIs only: known endpoints, no discovery. No library can be faster.
const toBase64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const fromBase64url = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
const random = () => toBase64url(crypto.getRandomValues(new Uint8Array(32)));
const readJson = (text) => JSON.parse(new TextDecoder().decode(fromBase64url(text)));

let keys;

/** The provider's keys: they may be requested before they are needed. */
export function keysOf(config) {
  keys ??= fetch(config.metadata.jwks_uri).then((response) => response.json());
  return keys;
}

async function isSigned(config, idToken) {
  const [header, claims, signature] = idToken.split('.');
  const { kid, alg } = readJson(header);
  const isRsa = alg === 'RS256';
  const kind = isRsa ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } : { name: 'ECDSA', namedCurve: 'P-256' };
  const known = await keysOf(config);
  const key = await crypto.subtle.importKey('jwk', known.keys.find((one) => one.kid === kid), kind, false, ['verify']);
  const input = new TextEncoder().encode(`${header}.${claims}`);
  return crypto.subtle.verify(isRsa ? kind.name : { name: 'ECDSA', hash: 'SHA-256' }, key, fromBase64url(signature), input);
}

/** A request to the token endpoint, with its checks. Returns the tokens. */
async function exchange(config, form, nonce) {
  const body = new URLSearchParams({ client_id: config.clientId, ...form });
  const response = await fetch(config.metadata.token_endpoint, { method: 'POST', body });
  const told = await response.json();
  if (!response.ok) throw new Error(`${told.error}: ${told.error_description}`);
  if (told.id_token) {
    const claims = readJson(told.id_token.split('.')[1]);
    const isGood = claims.iss === config.issuer && claims.aud === config.clientId && claims.exp * 1000 > Date.now() && (!nonce || claims.nonce === nonce);
    if (!isGood || (config.checksSignature && !(await isSigned(config, told.id_token)))) throw new Error('bad ID token');
  }
  return { ...told, end: Date.now() + told.expires_in * 1000 };
}

/** A login: the URL to go to, and what has to be stored until the user comes back. */
export async function begin(config) {
  const [verifier, state, nonce] = [random(), random(), random()];
  const challenge = toBase64url(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)));
  const query = new URLSearchParams({
    client_id: config.clientId, redirect_uri: config.redirectUri, response_type: 'code', scope: config.scope, state, nonce,
    code_challenge: challenge, code_challenge_method: 'S256',
  });
  return { address: `${config.metadata.authorization_endpoint}?${query}`, pending: [verifier, state, nonce] };
}

/** The tokens of a login that came back with this query. */
export function finish(config, search, [verifier, state, nonce]) {
  const query = new URLSearchParams(search);
  if (query.get('state') !== state || query.get('iss') !== config.issuer) throw new Error('bad state');
  return exchange(config, { grant_type: 'authorization_code', code: query.get('code'), redirect_uri: config.redirectUri, code_verifier: verifier }, nonce);
}

export const renewed = async (config, tokens) => ({ ...tokens, ...await exchange(config, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token }) });

export const isFresh = (tokens) => tokens?.end > Date.now();
