// The settings that can change while the provider runs, their defaults, and their allowed values.
import { PROFILES } from './profiles.js';
import { TWO_FACTORS } from './step-up.js';

const NULLABLE = new Set(['clientLoginUrl', 'customApplicationLoginPageUrl', 'issuer', 'profile', 'sensitiveAcr', 'sensitiveMaxAge', 'signUpUrl', 'singleTenant']);
const ADDITIVE = new Set(['redirectUris', 'logoutUrls']);
const POSITIVE = new Set(['accessTokenTtl', 'idTokenTtl', 'refreshTokenTtl', 'codeTtl', 'sessionTtl', 'sessionAbsoluteTtl', 'dpopNonceTtl', 'parTtl', 'sensitiveMaxAge']);
const CHOICES = {
  cors: ['echo', 'any', 'blocked'],
  tenantParam: ['name', 'domain', 'both'],
  userinfoErrorShape: ['wristband', 'oauth', 'empty'],
  maxAgeExpired: ['login', 'error'],
  dpop: ['off', 'optional', 'required'],
  par: ['off', 'optional', 'required'],
};

export function defaultSettings({ plain, native = false, redirectUris, logoutUrls, loginUrl }) {
  return {
    accessTokenTtl: 1800,
    idTokenTtl: 3600,
    refreshTokenTtl: 1_209_600,
    codeTtl: 300,
    sessionTtl: 86_400,
    sessionAbsoluteTtl: 2_592_000,
    persistentSession: true,
    mfa: false,
    tenantChange: false,
    dpop: 'off',
    dpopNonce: false,
    apiDpopNonce: false,
    dpopNonceTtl: 60,
    par: 'off',
    parTtl: 60,
    stepUp: false,
    native,
    sensitiveAcr: TWO_FACTORS,
    sensitiveMaxAge: 300,
    rotateRefreshTokens: true,
    detectReuse: true,
    reuseGraceSeconds: plain ? 0 : 30,
    clockShiftSeconds: 0,
    includeAtHash: true,
    omitIdToken: false,
    omitIdTokenOnRefresh: false,
    omitNonceOnRefresh: false,
    omitRefreshToken: false,
    omitRefreshTokenOnRefresh: false,
    scopeInTokenResponse: true,
    advertiseIss: plain,
    tenantParam: 'both',
    applicationAuthorization: !plain,
    customDomainActive: false,
    issuer: null,
    profile: null,
    apiAudiences: [],
    singleTenant: null,
    maxAgeExpired: 'login',
    userinfoErrorShape: plain ? 'oauth' : 'wristband',
    jwkAlg: 'RS256',
    cors: 'echo',
    redirectUris: [...redirectUris],
    logoutUrls: [...logoutUrls],
    loginUrl,
    clientLoginUrl: null,
    customApplicationLoginPageUrl: null,
    signUpUrl: null,
  };
}

function problem(name, value, current) {
  if (!(name in current)) return `There is no setting "${name}".`;
  if (value === null) return NULLABLE.has(name) ? undefined : `The setting "${name}" cannot be null.`;
  if (name === 'profile' && !PROFILES.includes(value)) return `The setting "profile" must be one of ${PROFILES.join(', ')}.`;
  if (name === 'apiAudiences') return Array.isArray(value) ? undefined : 'The setting "apiAudiences" must be a list.';
  if (CHOICES[name]) {
    return CHOICES[name].includes(value) ? undefined : `The setting "${name}" must be one of ${CHOICES[name].join(', ')}.`;
  }
  if (POSITIVE.has(name)) return Number.isSafeInteger(value) && value > 0 ? undefined : `The setting "${name}" must be a positive whole number.`;
  if (ADDITIVE.has(name)) {
    const list = Array.isArray(value) ? value : value?.set;
    const fine = Array.isArray(list) && list.every((entry) => typeof entry === 'string' && URL.canParse(entry));
    return fine ? undefined : `The setting "${name}" must be a list of URLs, or {"set": [...]} to replace the list.`;
  }
  const expected = NULLABLE.has(name) ? 'string' : typeof current[name];
  return typeof value === expected ? undefined : `The setting "${name}" must be a ${expected}.`;
}

/** Merges a patch into the settings. Lists of URLs are extended, unless the patch says {"set": [...]}. */
export function patchSettings(settings, patch) {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) throw new TypeError('The settings must be a JSON object.');
  for (const [name, value] of Object.entries(patch)) {
    const message = problem(name, value, settings);
    if (message) throw new TypeError(message);
  }
  for (const [name, value] of Object.entries(patch)) {
    if (!ADDITIVE.has(name)) settings[name] = value;
    else settings[name] = [...new Set(Array.isArray(value) ? [...settings[name], ...value] : value.set)];
  }
  return settings;
}

/** A URI of the loopback address, without its port. Others stay as they are. */
const withoutLoopbackPort = (uri) => uri.replace(/^(http:\/\/(?:127\.0\.0\.1|\[::1\])):\d{1,5}(?=[/?]|$)/, '$1');

/** Whether a redirect URI is registered. On the loopback address, a native app may use any port (RFC 8252, section 7.3). */
export function isRegistered(settings, uri) {
  if (typeof uri !== 'string') return false;
  if (settings.redirectUris.includes(uri)) return true;
  const asked = withoutLoopbackPort(uri);
  return settings.native && asked !== uri && settings.redirectUris.some((registered) => withoutLoopbackPort(registered) === asked);
}

const originOf = (url) => (URL.canParse(url) ? new URL(url).origin : undefined);

/** The origins of all registered URLs. A placeholder stands for every tenant. */
export function registeredOrigins(settings, tenants) {
  const urls = [...settings.redirectUris, ...settings.logoutUrls, settings.loginUrl, settings.clientLoginUrl, settings.signUpUrl].filter(Boolean);
  return new Set(urls.flatMap((url) => tenants.map(({ name }) => originOf(fillPlaceholder(url, name)))));
}

/** Replaces the placeholder of a registered URL by the tenant's name. */
export function fillPlaceholder(url, tenantName) {
  return url.replaceAll(/\{tenant_(name|domain)\}/g, tenantName);
}
