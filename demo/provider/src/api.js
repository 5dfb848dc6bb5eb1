// A small protected API on its own origin. It accepts only the provider's access tokens.
import { createLocalJWKSet, jwtVerify } from 'jose';
import Koa from 'koa';
import { readBody } from './body.js';
import { corsHeaders, exposedHeaders } from './cors.js';
import { isTokenScheme } from './extensions.js';
import { underFault } from './faults.js';
import { outcomeOf } from './outcome.js';
import { dpopChallenge } from './proofs.js';
import { describeRequest } from './records.js';
import { challenge, Refusal } from './refusal.js';
import { demandLogin } from './step-up.js';

const INVOICES = [
  { id: 'inv-1001', customer: 'Northwind', amount: 1250.0, currency: 'EUR', due: '2030-01-31' },
  { id: 'inv-1002', customer: 'Contoso', amount: 99.5, currency: 'EUR', due: '2030-02-14' },
  { id: 'inv-1003', customer: 'Fabrikam', amount: 480.0, currency: 'USD', due: '2030-03-01' },
];

export function createApi({ issuer, settings, keys, clock, records, faults, directory, tokens, proofs, onRequest }) {
  /** Checks that a token which is bound to a key comes with a proof of that key, and that others come without. */
  async function checkBinding(ctx, { scheme, token, jkt }) {
    const isProven = /^dpop$/i.test(scheme);
    if (jkt && !isProven) throw new Error('The token is bound to a key, so its scheme is DPoP.');
    if (!jkt && isProven) throw new Error('The token is not bound to a key, so its scheme is Bearer.');
    if (jkt && await proofs.check(ctx, token) !== jkt) throw new Error('The proof is of another key than the token (jkt).');
  }

  /** Returns the claims of a valid access token. Otherwise throws, with the reason. */
  async function authenticate(ctx) {
    const [scheme, token] = ctx.get('Authorization').split(' ');
    if (!isTokenScheme(settings, scheme) || !token) throw new Error('The request has no access token.');
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys.publicJwks()), {
      issuer: issuer(), algorithms: ['RS256'], typ: 'at+jwt', requiredClaims: ['sub', 'exp'], currentDate: new Date(clock.now() * 1000),
    });
    if (tokens.isExpired(payload)) throw new Error('The token has expired.');
    ctx.state.userId = payload.sub;
    const { apiAudiences } = settings;
    if (apiAudiences.length && !apiAudiences.includes(payload.aud)) throw new Error(`The token is for ${payload.aud}.`);
    ctx.state.jkt = payload.cnf?.jkt;
    await checkBinding(ctx, { scheme, token, jkt: ctx.state.jkt });
    return payload;
  }

  const about = (claims) => ({
    sub: claims.sub,
    tenant: claims.tnt_id ? { id: claims.tnt_id, name: directory.findUser(claims.sub)?.tenant } : null,
    scopes: claims.scope?.split(' ') ?? [],
  });

  const routes = {
    'GET /v1/me': (ctx, claims) => ({ ...about(claims), email: directory.findUser(claims.sub)?.email }),
    'GET /v1/invoices': (ctx, claims) => ({ tenant: about(claims).tenant, invoices: INVOICES }),
    'GET /v1/sensitive': (ctx, claims) => {
      demandLogin(claims, { settings, now: clock.now() });
      return { ...about(claims), acr: claims.acr, authTime: claims.auth_time };
    },
    'POST /v1/echo': (ctx, claims) => ({ ...about(claims), received: ctx.state.json ?? ctx.state.form ?? null }),
  };

  /** The challenge names the scheme that the token needs or, if there is no valid token, the one that was used. */
  function refuse(ctx, refusal) {
    const usesDpop = ctx.state.jkt || (settings.dpop !== 'off' && /^dpop /i.test(ctx.get('Authorization')));
    ctx.status = 401;
    ctx.set('WWW-Authenticate', usesDpop ? dpopChallenge(refusal) : challenge('Bearer', refusal));
    ctx.body = { error: refusal.error, error_description: refusal.message };
  }

  async function respond(ctx) {
    if (ctx.method === 'GET' && ctx.path === '/v1/redirect') {
      if (!URL.canParse(String(ctx.query.to))) ctx.throw(400, 'The parameter "to" must be a URL.');
      ctx.redirect(String(ctx.query.to));
      return;
    }
    const route = routes[`${ctx.method} ${ctx.path}`];
    if (!route) {
      ctx.status = 404;
      ctx.body = { error: 'not_found', error_description: `There is no ${ctx.method} ${ctx.path}.` };
      return;
    }
    try {
      ctx.body = route(ctx, await authenticate(ctx));
    } catch (error) {
      refuse(ctx, error instanceof Refusal ? error : new Refusal('invalid_token', error.message));
    }
  }

  const cors = {
    apply(ctx) {
      ctx.set(corsHeaders(settings, directory, {
        origin: ctx.get('Origin'), preflight: ctx.method === 'OPTIONS', requestedHeaders: ctx.get('Access-Control-Request-Headers'),
      }));
      const exposed = [...new Set(['WWW-Authenticate', ...exposedHeaders(settings)])];
      if (ctx.response.get('Access-Control-Allow-Origin')) ctx.set('Access-Control-Expose-Headers', exposed.join(', '));
    },
    remove(ctx) {
      for (const name of Object.keys(ctx.response.headers)) if (name.startsWith('access-control-')) ctx.remove(name);
    },
  };

  const app = new Koa();
  app.silent = true;
  app.use(async (ctx, next) => {
    const { form, json } = await readBody(ctx.req);
    Object.assign(ctx.state, { form, json });
    const record = records.request(describeRequest({
      method: ctx.method, path: ctx.path, host: ctx.host, headers: ctx.headers, query: { ...ctx.query }, form,
    }));
    record.endpoint = 'api';
    ctx.state.record = record;
    try {
      await next();
    } finally {
      record.status = ctx.respond === false ? null : ctx.status;
      Object.assign(record, outcomeOf(ctx, { endpoint: 'api', directory }));
      onRequest?.(record);
    }
  });
  app.use(async (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    const run = async () => {
      cors.apply(ctx);
      if (ctx.method === 'OPTIONS') ctx.status = 204;
      else await respond(ctx);
    };
    const fault = ctx.method === 'OPTIONS' ? undefined : faults.take('api');
    if (!fault) {
      await run();
      return;
    }
    ctx.state.fault = fault;
    ctx.state.record.fault = fault;
    await underFault(ctx, fault, run, cors);
  });
  return app.callback();
}
