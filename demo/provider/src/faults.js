// Faults that tests request in advance: each affects the next matching request, or the next few.
import { setTimeout as delay } from 'node:timers/promises';
import { checkLie, fill } from './lies.js';

const ENDPOINTS = ['token', 'userinfo', 'jwks', 'revoke', 'authorize', 'validate', 'sdk', 'discovery', 'api', 'logout', 'login', 'par'];
const WITH_PROOFS = ['token', 'par', 'userinfo', 'api'];
const MEMBERS = ['endpoint', 'grant', 'times', 'delayMs', 'status', 'body', 'headers', 'html', 'repeat', 'process', 'drop', 'cors',
  'truncate', 'text', 'idToken', 'tokenResponse', 'userInfo', 'metadata', 'jwks', 'redirect', 'dpopNonce', 'parResponse', 'pushed'];

function checkNonce({ dpopNonce, endpoint }) {
  if (!WITH_PROOFS.includes(endpoint)) throw new TypeError(`"dpopNonce" goes with the endpoints ${WITH_PROOFS.join(', ')} only.`);
  const stranger = Object.keys(Object(dpopNonce)).find((name) => !['demand', 'value'].includes(name));
  if (typeof dpopNonce !== 'object' || stranger) throw new TypeError('"dpopNonce" must be an object with "demand" and "value".');
}

function check(fault) {
  if (typeof fault !== 'object' || fault === null) throw new TypeError('A fault must be a JSON object.');
  const stranger = Object.keys(fault).find((name) => !MEMBERS.includes(name));
  if (stranger) throw new TypeError(`A fault has no member "${stranger}".`);
  if (!ENDPOINTS.includes(fault.endpoint)) throw new TypeError(`The endpoint of a fault must be one of ${ENDPOINTS.join(', ')}.`);
  if (fault.drop !== undefined && !['before', 'after'].includes(fault.drop)) throw new TypeError('"drop" must be "before" or "after".');
  if (fault.grant !== undefined && fault.endpoint !== 'token') throw new TypeError('"grant" goes with the token endpoint only.');
  if (fault.idToken) checkLie(fault.idToken);
  if (fault.redirect !== undefined && fault.endpoint !== 'authorize') throw new TypeError('"redirect" goes with the authorize endpoint only.');
  if (fault.dpopNonce !== undefined) checkNonce(fault);
  for (const name of ['parResponse', 'pushed']) if (fault[name] !== undefined && fault.endpoint !== 'par') throw new TypeError(`"${name}" goes with the par endpoint only.`);
}

export function createFaults() {
  let pending = [];
  let count = 0;

  function use(matches) {
    const found = pending.find(matches);
    if (!found) return undefined;
    found.times -= 1;
    if (found.times <= 0) pending = pending.filter((fault) => fault !== found);
    const { id, times, ...fault } = found;
    return fault;
  }

  return {
    add(fault) {
      check(fault);
      count += 1;
      const added = { times: 1, ...fault, id: count };
      pending.push(added);
      return { ...added };
    },
    list: () => pending.map((fault) => ({ ...fault })),
    clear() { pending = []; },
    /** The fault for a request that has just arrived. */
    take: (endpoint, grant) => use((fault) => fault.endpoint === endpoint && !fault.redirect
      && (fault.grant === undefined || fault.grant === grant)),
    /** The fault for a response of the authorization endpoint: an error at once, others when the browser is redirected back. */
    takeRedirect: ({ withError }) => use((fault) => fault.redirect && Boolean(fault.redirect.error) === withError),
  };
}

const answersItself = (fault) => fault.status !== undefined || fault.body !== undefined || fault.html === true || fault.repeat === true;

/** The error of a careless provider: it repeats everything that it received, in every field of the error. */
function repetition(ctx) {
  const token = ctx.get('Authorization').replace(/^(?:Bearer|DPoP) /, '');
  const sent = [...Object.values(ctx.state.form ?? {}), token].filter(Boolean);
  const [longest] = sent.toSorted((one, other) => other.length - one.length);
  return { error: longest, error_description: `Not with ${sent.join(', ')}: "${longest}"=${longest}.` };
}

function answer(ctx, fault) {
  ctx.status = fault.status ?? 200;
  ctx.remove('Content-Type');
  if (fault.repeat) {
    ctx.body = repetition(ctx);
  } else if (fault.html) {
    ctx.type = 'html';
    ctx.body = fault.body ?? '<!doctype html><title>Bad gateway</title><h1>Bad gateway</h1>';
  } else {
    ctx.body = fault.body ?? '';
  }
}

function cut(ctx) {
  ctx.respond = false;
  ctx.req.socket.destroy();
}

/** Announces the length of the whole body, sends half of it, and closes the connection. */
function truncate(ctx) {
  const whole = typeof ctx.body === 'string' ? ctx.body : JSON.stringify(ctx.body ?? '');
  const bytes = Buffer.from(whole);
  ctx.respond = false;
  ctx.res.writeHead(ctx.status, { 'Content-Length': bytes.length });
  ctx.res.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => ctx.req.socket.destroy());
}

/** Sends another nonce, or none. */
function alterNonce(ctx, { value } = {}) {
  if (value === null) ctx.remove('DPoP-Nonce');
  else if (value !== undefined) ctx.set('DPoP-Nonce', String(value));
}

/** Handles a request with its fault. */
export async function underFault(ctx, fault, next, cors) {
  if (fault.delayMs) await delay(fault.delayMs);
  if (fault.drop === 'before') return cut(ctx);
  const replaced = answersItself(fault);
  if (!replaced || fault.process || fault.drop) await next();
  else cors.apply(ctx);
  if (fault.drop === 'after') return cut(ctx);
  if (replaced) answer(ctx, fault);
  if (fault.text !== undefined) ctx.body = fill(fault.text, ctx.body);
  if (fault.cors === 'blocked') cors.remove(ctx);
  alterNonce(ctx, fault.dpopNonce);
  for (const [name, value] of Object.entries(fault.headers ?? {})) ctx.set(name, String(value));
  if (fault.truncate) truncate(ctx);
  return undefined;
}

/** Sets and removes members of a JSON response, as a fault requires. */
export function alter(object, { set = {}, remove = [] } = {}) {
  const altered = { ...object, ...set };
  for (const name of remove) delete altered[name];
  return altered;
}

/** Sets and removes parameters of a URL, as a fault requires. A list sets one parameter for each of its values. */
export function alterParameters(parameters, changes = {}) {
  for (const [name, value] of Object.entries(changes)) {
    parameters.delete(name);
    for (const each of [value ?? []].flat()) parameters.append(name, each);
  }
}
