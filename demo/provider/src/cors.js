// Which origins may read the responses. The same rules apply to the provider and to the protected API.
import { READABLE } from './outcome.js';
import { rulesOf } from './profiles.js';
import { registeredOrigins } from './settings.js';

/** The CORS headers for one request; none for an origin that may not read the response. */
export function corsHeaders(settings, directory, { origin, preflight, requestedHeaders }) {
  if (settings.cors === 'blocked') return {};
  const headers = settings.cors === 'any' ? {} : { Vary: 'Origin' };
  if (settings.cors !== 'any' && (!origin || !registeredOrigins(settings, directory.tenants).has(origin))) return headers;
  headers['Access-Control-Allow-Origin'] = settings.cors === 'any' ? '*' : origin;
  if (preflight) {
    headers['Access-Control-Allow-Methods'] = 'GET, POST, OPTIONS';
    if (requestedHeaders) headers['Access-Control-Allow-Headers'] = requestedHeaders;
  }
  return headers;
}

/** The response headers that pages may read. */
export const exposedHeaders = ({ dpop }) => (dpop === 'off' ? [] : ['WWW-Authenticate', 'DPoP-Nonce']);

/** What a profile calls an endpoint. */
const ENDPOINT_NAMES = { revoke: 'revocation' };

const removeCors = (ctx) => {
  for (const name of Object.keys(ctx.response.headers)) if (name.startsWith('access-control-')) ctx.remove(name);
};

/** Replaces the library's CORS headers by those of the settings. */
function applyCors(ctx, settings, directory) {
  removeCors(ctx);
  const { cors } = rulesOf(settings);
  if (!READABLE.has(ctx.state.endpoint) || (cors && !cors.includes(ENDPOINT_NAMES[ctx.state.endpoint] ?? ctx.state.endpoint))) return;
  ctx.set(corsHeaders(settings, directory, {
    origin: ctx.get('Origin'),
    preflight: ctx.method === 'OPTIONS',
    requestedHeaders: ctx.get('Access-Control-Request-Headers'),
  }));
  const exposed = exposedHeaders(settings);
  if (exposed.length && ctx.response.get('Access-Control-Allow-Origin')) ctx.set('Access-Control-Expose-Headers', exposed.join(', '));
}

/** A middleware that answers preflights, and the two functions with which faults change the headers. */
export function createCors(settings, directory) {
  return {
    remove: removeCors,
    apply: (ctx) => applyCors(ctx, settings, directory),
    async layer(ctx, next) {
      if (ctx.method === 'OPTIONS' && READABLE.has(ctx.state.endpoint)) ctx.status = 204;
      else await next();
      applyCors(ctx, settings, directory);
    },
  };
}
