// Pushed authorization requests (RFC 9126): the application sends the parameters to an endpoint, and the browser brings a reference to them.
import { randomBytes } from 'node:crypto';
import { replaceForm } from './body.js';
import { alter, alterParameters } from './faults.js';

const PREFIX = 'urn:ietf:params:oauth:request_uri:';

function refuse(ctx, [error, description]) {
  ctx.status = 400;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { error, error_description: description };
}

/**
 * The library checks what is pushed. It does not keep it: its own requests end after 60 seconds, and it does not know of tenants.
 *
 * `prepare(params)` makes the parameters that the library understands of those that were sent, or returns the error.
 */
export function createPar({ settings, clock, dpop }) {
  const requests = new Map();

  function keep(params) {
    const uri = `${PREFIX}${randomBytes(24).toString('base64url')}`;
    requests.set(uri, { params: String(params), clientId: params.get('client_id'), end: clock.now() + settings.parTtl });
    return uri;
  }

  /** The parameters of a request; undefined if it is unknown, used, too old or of another client. */
  function take(uri, clientId) {
    const request = requests.get(uri);
    if (!request || request.clientId !== clientId || request.end <= clock.now()) return undefined;
    requests.delete(uri);
    return request.params;
  }

  /** Has the library check the parameters of a request. */
  async function check(ctx, next, prepare) {
    const params = new URLSearchParams(ctx.state.form);
    const problem = params.has('request_uri') ? ['invalid_request', 'A pushed request cannot have a request_uri.'] : await prepare(params);
    if (problem) return refuse(ctx, problem);
    await dpop.translate(params);
    replaceForm(ctx.req, params);
    return dpop.layer(ctx, next);
  }

  return {
    /** The endpoint. */
    endpoint: (prepare) => async (ctx, next) => {
      await check(ctx, next, prepare);
      if (ctx.status !== 201) return;
      const params = new URLSearchParams(ctx.state.form);
      if (ctx.state.jkt) params.set('dpop_jkt', ctx.state.jkt);
      alterParameters(params, ctx.state.fault?.pushed);
      ctx.body = alter({ request_uri: keep(params), expires_in: settings.parTtl }, ctx.state.fault?.parResponse);
    },

    /** Replaces the reference in an authorization request by what was pushed. Returns the error that the user sees, if there is one. */
    resolve(ctx) {
      const { client_id: clientId, request_uri: uri } = ctx.query;
      if (settings.par === 'off' || uri === undefined) return undefined;
      const params = take(uri, clientId);
      if (params === undefined) return ['invalid_request_uri', 'The request_uri of this sign-in request is unknown, used or too old. Go back to the application and sign in again.'];
      ctx.url = `${ctx.path}?${params}`;
      ctx.state.record.pushed = { ...ctx.query };
      return undefined;
    },

    /** The error of a request that was not pushed although it has to be. */
    complaint: (ctx) => (settings.par === 'required' && !ctx.state.record.pushed
      ? ['invalid_request', 'The authorization request must be pushed (PAR).']
      : undefined),

    /** The parameters for a request that the provider itself sends through the browser. */
    wrap: (params) => (settings.par === 'off' ? params : new URLSearchParams({ client_id: params.get('client_id'), request_uri: keep(params) })),

    clear: () => requests.clear(),
  };
}
