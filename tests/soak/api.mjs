// The app's API: HTTP/1.1 on loopback, as most development servers are, where a browser opens at most six connections. It answers
// quickly, slowly, with streams, with refusals and not at all, and knows at any moment which responses are still being sent.
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const CHUNK = Buffer.alloc(16_384, 'x');
const EVENT = 'data: soaking\n\n\n';
const EVENT_INTERVAL = 100;

/**
 * Seconds that a token has to be old before the API refuses it. If an API refuses tokens before half of their lifetime, the
 * library assumes that it refuses every token, and hands its 401 to the app. `iat` has whole seconds, and the token takes time to arrive.
 */
const MIN_AGE = 5.8;

function payloadOf(token) {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
  } catch {
    return undefined;
  }
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Sends chunks as fast as the browser takes them, until this many bytes were sent or the connection is gone. */
async function pour(response, size) {
  for (let left = size; left > 0 && !response.closed; left -= CHUNK.length) {
    response.write(CHUNK.subarray(0, Math.min(left, CHUNK.length)));
    // A connection that takes nothing more is checked now and then.
    while (response.writableNeedDrain && !response.closed) await pause(20);
    await pause(0);
  }
  response.end();
}

/** Sends an event ten times a second, this many times or until the connection is gone. */
async function tick(response, count) {
  for (let left = count; left > 0 && !response.closed; left -= 1) {
    response.write(EVENT);
    await pause(EVENT_INTERVAL);
  }
  response.end();
}

/** Starts the API for the pages of one origin. */
export async function startApi(origin) {
  /** The responses that are still being sent, by the call they are for. */
  const open = new Map();
  const refusedTokens = new Set();
  const counts = { requests: 0, refused: 0, withoutToken: 0 };

  const head = (response, status, headers) => response.writeHead(status, { 'cache-control': 'no-store', ...headers });
  const json = (response, value, status = 200) => {
    const body = JSON.stringify(value);
    head(response, status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
  };
  const stream = (response, type) => head(response, 200, { 'content-type': type });

  const routes = {
    quick: ({ id, response }) => json(response, { id }),
    async echo({ request, response }) { head(response, 200).end(await bodyOf(request)); },
    async slow({ id, query, response }) {
      await pause(Number(query.get('ms')));
      if (!response.closed) json(response, { id });
    },
    refuse({ id, response, token }) {
      const { iat } = payloadOf(token) ?? {};
      // The same call with another token is the second attempt.
      if (Date.now() / 1000 - iat < MIN_AGE || refusedTokens.has(id)) return json(response, { id });
      refusedTokens.add(id).add(token);
      return refuse(response);
    },
    unavailable: ({ response }) => json(response, { error: 'busy' }, 503),
    cut: ({ request }) => request.socket.destroy(),
    half({ query, request, response }) {
      head(response, 200, query.has('length') ? { 'content-length': 2 * CHUNK.length } : {});
      response.write(CHUNK, () => { setTimeout(() => request.socket.destroy(), 50); });
    },
    events: ({ query, response }) => tick(stream(response, 'text/event-stream'), Number(query.get('count'))),
    endless: ({ response }) => tick(stream(response, 'text/event-stream'), Infinity),
    big: ({ query, response }) => pour(stream(response, 'application/octet-stream'), Number(query.get('size'))),
    bulk: ({ response }) => pour(stream(response, 'application/octet-stream'), Infinity),
    never: () => {},
  };

  function refuse(response) {
    counts.refused += 1;
    json(response, { error: 'unauthorized' }, 401);
  }

  function isGood(token) {
    const { exp } = payloadOf(token) ?? {};
    return exp * 1000 > Date.now() - 1000 && !refusedTokens.has(token);
  }

  function respond(request, response) {
    response.setHeader('access-control-allow-origin', origin);
    if (request.method === 'OPTIONS') {
      return head(response, 204, { 'access-control-allow-headers': 'authorization, content-type, x-call', 'access-control-max-age': 600 }).end();
    }
    const { pathname, searchParams: query } = new URL(request.url, 'http://localhost');
    const id = request.headers['x-call'];
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    counts.requests += 1;
    open.set(id, { path: pathname, response, since: Date.now() });
    response.once('close', () => { if (open.get(id)?.response === response) open.delete(id); });
    if (!token) counts.withoutToken += 1;
    const route = routes[pathname.replace('/v1/', '')];
    if (!token || !isGood(token)) return refuse(response);
    return route ? route({ id, query, request, response, token }) : json(response, { error: 'not found' }, 404);
  }

  // A browser that ends a request halfway is part of the test.
  const server = http.createServer(async (request, response) => {
    try {
      await respond(request, response);
    } catch {
      response.destroy();
    }
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  const listen = (port) => new Promise((resolve) => { server.listen(port, '127.0.0.1', resolve); });
  const close = () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  await listen(0);
  const { port } = server.address();

  return {
    counts,
    open,
    prefix: `http://127.0.0.1:${port}/v1/`,
    /** Whether an endless stream is being sent. */
    hasEndless: () => [...open.values()].some(({ path }) => /endless|bulk/.test(path)),
    down: close,
    up: () => listen(port),
    close,
  };
}
