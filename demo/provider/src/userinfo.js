// The userinfo endpoint: replaces the JWT by the opaque token before the library runs, and reformats errors afterwards.
import { isTokenScheme } from './extensions.js';
import { alter } from './faults.js';
import { randomId } from './tokens.js';

const BASE_ERRORS = { 401: 'unauthorized', 403: 'forbidden' };

/** The library always says that it knows DPoP. */
function removeDpopChallenge(ctx) {
  const challenges = [ctx.response.get('WWW-Authenticate')].flat().filter((value) => value && !value.startsWith('DPoP'));
  ctx.remove('WWW-Authenticate');
  if (challenges.length) ctx.set('WWW-Authenticate', challenges);
}

export function createUserinfo({ settings, tokens, dpop }) {
  function shapeError(ctx) {
    const { error = 'invalid_token', error_description: description } = ctx.body ?? {};
    if (settings.userinfoErrorShape === 'oauth') ctx.body = { error, error_description: description };
    if (settings.userinfoErrorShape === 'empty') ctx.body = '';
    if (settings.userinfoErrorShape === 'wristband') {
      ctx.body = {
        type: 'base_error',
        code: BASE_ERRORS[ctx.status] ?? 'bad_request',
        message: description ?? 'The request is not acceptable.',
        ticket: randomId(),
      };
    }
  }

  return async (ctx, next) => {
    const [scheme, token] = ctx.get('Authorization').split(' ');
    const known = token && isTokenScheme(settings, scheme) ? await tokens.opaqueFor(token) ?? 'unknown' : undefined;
    if (known) ctx.req.headers.authorization = `${scheme} ${known}`;
    // The library would answer a browser's plain request with an HTML page, but this endpoint returns JSON only.
    ctx.req.headers.accept = 'application/json';
    await dpop.layer(ctx, next, known && { sent: token, known });
    if (settings.dpop === 'off') removeDpopChallenge(ctx);
    if (ctx.status >= 400) shapeError(ctx);
    else ctx.body = alter(ctx.body, ctx.state.fault?.userInfo);
  };
}
