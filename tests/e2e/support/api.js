// An API that echoes its requests, and answers as a test wants: slowly, with a refusal, with a redirect. It speaks HTTP/2, which
// browsers require to send streams.
import { readFile } from 'node:fs/promises';
import { createSecureServer } from 'node:http2';

const key = (name) => readFile(new URL(`keys/test-only-localhost.${name}.pem`, import.meta.url));

/** Starts the API for pages of one origin. */
export async function startApi(origin) {
  const requests = [];
  const waiting = [];
  const api = { requests, refusals: 0 };

  async function bodyOf(stream, request) {
    request.chunks = [];
    for await (const chunk of stream) {
      request.chunks.push(chunk.toString('base64'));
      api.heard?.(chunk);
    }
  }

  const routes = {
    '/echo': (stream, head, request) => {
      const { authorization, ...headers } = request.headers;
      const body = Buffer.concat(request.chunks.map((chunk) => Buffer.from(chunk, 'base64'))).toString('latin1');
      stream.respond({ ...head, ':status': 200, 'content-type': 'application/json', 'x-answer': 'read', 'access-control-expose-headers': 'x-answer' });
      stream.end(JSON.stringify({ method: request.method, path: request.path, headers, body, hasToken: /^Bearer .{20,}$/.test(authorization ?? '') }));
    },
    '/empty': (stream, head) => stream.respond({ ...head, ':status': 204 }, { endStream: true }),
    '/teapot': (stream, head) => {
      stream.respond({ ...head, ':status': 418, 'content-type': 'text/plain' });
      stream.end('short and stout');
    },
    '/refused': (stream, head) => stream.respond({ ...head, ':status': 401 }, { endStream: true }),
    '/redirect': (stream, head) => stream.respond({ ...head, ':status': 302, location: '/v1/echo' }, { endStream: true }),
    // The test gets the stream, and writes to it when it wants to.
    '/slow': (stream, head) => {
      stream.respond({ ...head, ':status': 200, 'content-type': 'text/plain' });
      waiting.shift()?.(stream);
    },
    // The same, with an announced length of five bytes.
    '/short': (stream, head) => {
      stream.respond({ ...head, ':status': 200, 'content-type': 'text/plain', 'content-length': 5 });
      waiting.shift()?.(stream);
    },
    // A body whose `content-length` is that of its compressed form.
    '/packed': (stream, head) => {
      stream.respond({ ...head, ':status': 200, 'content-type': 'text/plain', 'content-encoding': 'br', 'content-length': 90_000 });
      waiting.shift()?.(stream);
    },
    '/never': (stream) => waiting.shift()?.(stream),
  };

  const server = createSecureServer({ key: await key('key'), cert: await key('cert') });
  server.on('stream', async (stream, headers) => {
    stream.on('error', () => {});
    const head = { 'access-control-allow-origin': origin, 'access-control-allow-headers': 'authorization, content-type, x-own', 'access-control-allow-methods': '*, PUT, DELETE, PATCH' };
    if (headers[':method'] === 'OPTIONS') return stream.respond({ ...head, ':status': 204 }, { endStream: true });
    const path = headers[':path'].replace(/^\/v1/, '');
    const own = Object.entries(headers).filter(([name]) => !name.startsWith(':'));
    const request = { method: headers[':method'], path, headers: Object.fromEntries(own) };
    requests.push(request);
    await bodyOf(stream, request).catch(() => {});
    const isRefused = api.refusals > 0;
    if (isRefused) api.refusals -= 1;
    const route = isRefused ? routes['/refused'] : routes[path.split('?')[0]];
    if (route) route(stream, head, request);
    else stream.respond({ ...head, ':status': 404 }, { endStream: true });
    return undefined;
  });
  await new Promise((resolve) => { server.listen(0, resolve); });
  const sessions = new Set();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  return Object.assign(api, {
    origin: `https://localhost:${server.address().port}`,
    prefix: `https://localhost:${server.address().port}/v1/`,
    /** The next call of `/slow`, `/short` or `/never`, as a stream to write on. */
    nextStream: () => new Promise((resolve) => { waiting.push(resolve); }),
    reset() {
      requests.length = 0;
      waiting.length = 0;
      Object.assign(api, { heard: undefined, refusals: 0 });
    },
    async close() {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => { server.close(resolve); });
    },
  });
}
