// An API that speaks the protocols of all clients. It refuses every request without a token.
import { initTRPC, TRPCError } from '@trpc/server';
import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http';
import { listen } from '../../../demo/provider/src/listen.js';

const INVOICES = [{ id: '1' }];

const t = initTRPC.create();
const router = t.router({
  invoices: t.procedure.query(() => INVOICES),
  forbidden: t.procedure.query(() => { throw new TRPCError({ code: 'FORBIDDEN' }); }),
  never: t.procedure.query(() => new Promise(() => {})),
});

const json = (res, status, value, headers = {}) => {
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  res.end(JSON.stringify(value));
};

async function textOf(req) {
  let text = '';
  for await (const chunk of req.setEncoding('utf8')) text += chunk;
  return text;
}

function events(res, list) {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const data of list) res.write(`data: ${data}\n\n`);
  return res.end();
}

async function graphql(req, res) {
  const { query } = JSON.parse(await textOf(req));
  if (query.includes('never')) return undefined;
  if (query.includes('forbidden')) return json(res, 403, { errors: [{ message: 'forbidden' }] });
  return json(res, 200, { data: { invoices: INVOICES.map((invoice) => ({ ...invoice, __typename: 'Invoice' })) } });
}

/** Connect's unary calls in JSON. */
async function connect(req, res) {
  const { id } = JSON.parse(await textOf(req));
  if (id === 'never') return undefined;
  return id === 'forbidden' ? json(res, 403, { code: 'permission_denied', message: 'forbidden' }) : json(res, 200, { total: 12 });
}

/** The chunks of an answer of the AI SDK. */
const CHAT = [{ type: 'start' }, { type: 'text-start', id: '1' }, { type: 'text-delta', id: '1', delta: 'hello' }, { type: 'text-end', id: '1' }, { type: 'finish' }];

const files = new Map();

/** An upload in chunks, with the protocol of tus 1.0. */
async function tus(req, res) {
  const headers = { 'tus-resumable': '1.0.0' };
  if (req.method === 'POST') {
    if (req.headers['upload-metadata']?.includes('forbidden')) return res.writeHead(403, headers).end();
    files.set('1', '');
    return res.writeHead(201, { ...headers, location: '/v1/files/1' }).end();
  }
  files.set('1', files.get('1') + await textOf(req));
  return res.writeHead(204, { ...headers, 'upload-offset': String(files.get('1').length) }).end();
}

const ROUTES = [
  [/^\/v1\/invoices$/, (req, res) => json(res, 200, INVOICES)],
  [/^\/v1\/forbidden$/, (req, res) => json(res, 403, { message: 'forbidden' })],
  [/^\/v1\/graphql$/, graphql],
  [/^\/v1\/trpc\//, (req, res, path) => nodeHTTPRequestHandler({ router, req, res, path: path.slice('/v1/trpc/'.length), createContext: () => ({}) })],
  [/^\/v1\/example.InvoiceService\/GetInvoice$/, connect],
  [/^\/rest\/v1\/invoices$/, (req, res) => json(res, 200, INVOICES)],
  [/^\/rest\/v1\/forbidden$/, (req, res) => json(res, 403, { message: 'forbidden', code: '42501', details: null, hint: null })],
  [/^\/v1\/chat$/, (req, res) => events(res, [...CHAT.map((chunk) => JSON.stringify(chunk)), '[DONE]'])],
  [/^\/v1\/events$/, (req, res) => events(res, ['one', 'two'])],
  [/^\/v1\/files\/raw$/, async (req, res) => json(res, 200, { length: (await textOf(req)).length })],
  [/^\/v1\/files/, tus],
  // It never answers.
  [/never/, () => {}],
];

/** Starts the API. `requests` are those that carried a token, and `unauthorized` the others. */
export async function startServer() {
  const api = { requests: [], unauthorized: [], closed: 0, files };
  const { port, close } = await listen(async (req, res) => {
    res.setHeader('access-control-allow-origin', '*');
    res.setHeader('access-control-allow-headers', req.headers['access-control-request-headers'] ?? '*');
    res.setHeader('access-control-allow-methods', 'GET, HEAD, POST, PATCH, DELETE');
    res.setHeader('access-control-expose-headers', 'location, upload-offset, upload-length, tus-resumable');
    if (req.method === 'OPTIONS') return res.writeHead(204).end();
    const path = new URL(req.url, 'http://localhost').pathname;
    const hasToken = /^Bearer .{20,}$/.test(req.headers.authorization ?? '');
    api[hasToken ? 'requests' : 'unauthorized'].push(`${req.method} ${path}`);
    if (!hasToken) return json(res, 401, {});
    res.on('close', () => { if (!res.writableFinished) api.closed += 1; });
    const route = ROUTES.find(([pattern]) => pattern.test(path));
    return route ? route[1](req, res, path) : json(res, 404, {});
  }, 0);
  return Object.assign(api, { origin: `http://localhost:${port}`, close });
}
