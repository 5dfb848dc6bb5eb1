// A server that answers as the cases of the table ask, by the query of the URL, and notes what it has received. The same handler speaks
// HTTP/1.1, which has reason phrases, and HTTP/2, which browsers require to send streams.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { createSecureServer } from 'node:http2';
import { gzipSync } from 'node:zlib';

const key = (name) => readFile(new URL(`keys/test-only-localhost.${name}.pem`, import.meta.url));

/** What one run of a case has sent, and the responses that the case still writes to. */
class Run {
  requests = [];
  #events = new EventTarget();
  #open = [];

  /** Waits for the event, unless it has happened. */
  async saw(name) {
    if (!this[name]) await once(this.#events, name);
  }

  tell(name) {
    this[name] = true;
    this.#events.dispatchEvent(new Event(name));
  }

  keep(res) {
    this.#open.push(res);
    res.on('close', () => { if (!res.writableEnded) this.tell('closed'); });
    this.tell('arrived');
  }

  actions = {
    arrived: () => this.saw('arrived'),
    closed: () => this.saw('closed'),
    write: (text) => this.#open.at(-1).write(text),
    end: (text) => this.#open.at(-1).end(text),
    drop: () => drop(this.#open.at(-1)),
  };
}

/** Breaks the connection off. */
function drop(res) {
  if (res.stream) res.stream.close(2);
  else res.socket.destroy();
}

function cors({ headers }) {
  return {
    'access-control-allow-origin': headers.origin ?? '*',
    'access-control-allow-credentials': 'true',
    'access-control-allow-headers': headers['access-control-request-headers'] ?? '*',
    'access-control-allow-methods': headers['access-control-request-method'] ?? '*',
    'access-control-expose-headers': 'x-shown, x-twice',
  };
}

const isPreflight = ({ method, headers }) => method === 'OPTIONS' && headers['access-control-request-method'];

async function bodyOf(req) {
  const chunks = [];
  try {
    for await (const chunk of req) chunks.push(chunk);
  } catch {
    return '(broken off)';
  }
  return Buffer.concat(chunks).toString('latin1');
}

const ROUTES = {
  /** A response of which the query says everything. Without `stream` its length is declared. */
  answer(res, query, head) {
    const body = query.has('size') ? Buffer.alloc(Number(query.get('size')), 'x') : Buffer.from(query.get('body') ?? 'hello');
    const sent = query.has('gzip') ? gzipSync(body) : body;
    const headers = { ...head, 'content-type': query.get('type') ?? 'text/plain' };
    if (query.has('gzip')) headers['content-encoding'] = 'gzip';
    for (const line of query.getAll('header')) Object.assign(headers, Object.fromEntries([line.split(': ')]));
    const status = Number(query.get('status') ?? 200);
    const isEmpty = [204, 205, 304].includes(status);
    if (!query.has('stream') && !isEmpty) headers['content-length'] = String(sent.length);
    if (res.stream) res.writeHead(status, headers);
    else res.writeHead(status, query.get('reason') ?? undefined, headers);
    if (isEmpty) return res.end();
    res.write(sent);
    return res.end();
  },
  /** A response whose body the case writes, with the actions of its run. */
  slow(res, query, head, run) {
    const length = query.has('length') ? { 'content-length': query.get('length') } : {};
    res.writeHead(200, { ...head, 'content-type': query.get('type') ?? 'text/plain', ...length });
    if (res.stream) res.flushHeaders?.();
    res.write(query.get('first') ?? 'one');
    run.keep(res);
  },
  never: (res, query, head, run) => run.keep(res),
  drop: (res) => drop(res),
  closed: (res) => { res.writeHead(200, { 'content-type': 'text/plain' }).end('without CORS'); },
  redirect: (res, query, head, run, prefix) => {
    res.writeHead(302, query.has('nowhere') ? head : { ...head, location: `${prefix}answer?body=redirected` }).end();
  },
};

/** Starts both servers. `prefixes` are the URLs below which each run has a folder. */
export async function startFetchServer() {
  const runs = new Map();
  const runOf = (name) => {
    if (!runs.has(name)) runs.set(name, new Run());
    return runs.get(name);
  };

  async function control(url, res, head) {
    const [, , name, action] = url.pathname.split('/');
    await runOf(name).actions[action](url.searchParams.get('text') ?? undefined);
    res.writeHead(204, head).end();
  }

  async function handle(req, res) {
    res.shouldKeepAlive = false;
    res.on('error', () => {});
    req.on('error', () => {});
    const url = new URL(req.url, 'http://localhost');
    const head = cors(req);
    if (isPreflight(req)) return res.writeHead(204, head).end();
    if (url.pathname.startsWith('/control/')) return control(url, res, head);
    const [, version, name, route] = url.pathname.split('/');
    const run = runOf(name);
    const headers = Object.fromEntries(Object.entries(req.headers).filter(([header]) => !header.startsWith(':')));
    const request = { method: req.method, url: req.url, headers };
    run.requests.push(request);
    // What never ends is answered before it has arrived.
    if (url.searchParams.has('early')) ROUTES[route](res, url.searchParams, head, run);
    request.body = await bodyOf(req);
    if (!url.searchParams.has('early')) ROUTES[route](res, url.searchParams, head, run, `/${version}/${name}/`);
    return undefined;
  }

  const sessions = new Set();
  const h1 = http.createServer(handle);
  const h2 = createSecureServer({ key: await key('key'), cert: await key('cert') }, handle);
  h2.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  await Promise.all([h1, h2].map((server) => new Promise((resolve) => { server.listen(0, resolve); })));
  const origins = { h1: `http://localhost:${h1.address().port}`, h2: `https://localhost:${h2.address().port}` };
  return {
    origins,
    /** The requests of a run, in the order of their arrival. */
    requests: (name) => runOf(name).requests,
    async close() {
      for (const session of sessions) session.destroy();
      h1.closeAllConnections();
      await Promise.all([h1, h2].map((server) => new Promise((resolve) => { server.close(resolve); })));
    },
  };
}
