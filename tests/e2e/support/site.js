// A static host for the demo, as strict as the one of `cargo xtask demo`, whose responses tests can hold or replace.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { listen } from '../../../demo/provider/src/listen.js';
import { createPageErrors } from './page_errors.js';
import { headersOf, rulesOf, withSources } from './headers.js';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** A page of the app's origin on which the app does not run. */
const BLANK = 'blank.html';

/**
 * Serves the files of `folders` at `host`, under `base`, with the headers of the first folder's `_headers`. What is served as
 * `config.json`, and where pages may connect to, is set later: it depends on the provider, which needs to know this origin first.
 * With `listens` the pages report their errors; with `workers` no other file may be a worker.
 */
export async function startSite({ folders, host, base, listens = false }) {
  const held = new Map();
  const spoilt = new Map();
  const pageErrors = createPageErrors(base);
  // `headers` returns the headers that are added to those of a file, or replace them, by its name.
  const site = {
    config: undefined, connectTo: [], clockShift: 0, headers: () => ({}), pageErrors: pageErrors.heard, requests: [], workers: undefined,
  };

  const rules = await rulesOf(folders[0]);

  /** The headers of a host that reads no `_headers`. */
  const ordinary = {
    'Cache-Control': 'no-cache',
    'Content-Security-Policy': [
      "default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
      "connect-src 'self'", "worker-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    ].join('; '),
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };

  /** The headers of a file, for this host and this provider. */
  function headersFor(name) {
    const headers = { ...ordinary, ...headersOf(rules, `/${name}`) };
    const workers = site.workers ?? (rules.length > 0 && `${origin}${base}vault.js`);
    const policy = withSources(headers['Content-Security-Policy'], 'connect-src', ["'self'", ...site.connectTo].join(' '));
    return { ...headers, 'Content-Security-Policy': workers ? withSources(policy, 'worker-src', workers) : policy };
  }

  async function file(name) {
    for (const folder of folders) {
      const whole = path.join(folder, name);
      const body = whole.startsWith(folder + path.sep) && await readFile(whole).catch(() => undefined);
      const type = TYPES[path.extname(name)] ?? 'application/octet-stream';
      if (body) return { status: 200, type, body: listens && type === TYPES['.html'] ? pageErrors.in(body) : body };
    }
    return undefined;
  }

  async function answer(name, acceptsHtml) {
    if (spoilt.has(name)) return { status: 200, type: TYPES[path.extname(name)], ...spoilt.get(name) };
    if (listens && name === pageErrors.listener.name) return { status: 200, type: TYPES['.js'], body: pageErrors.listener.body };
    if (name === 'config.json') return { status: 200, type: TYPES['.json'], body: JSON.stringify(site.config) };
    if (name === BLANK) return { status: 200, type: TYPES['.html'], body: '<!doctype html><title>Blank</title><link rel="icon" href="data:,">' };
    // A path that only the app knows: the response is the app.
    const page = async () => (acceptsHtml ? await file('404.html') ?? await file('index.html') : undefined);
    return await file(name) ?? await page() ?? { status: 404, type: 'text/plain', body: 'There is nothing here.\n' };
  }

  async function respond(req, res) {
    const { pathname } = new URL(req.url, 'http://localhost');
    const below = pathname.startsWith(base);
    const name = below ? decodeURIComponent(pathname.slice(base.length)) || 'index.html' : pathname;
    if (pageErrors.isReport(req, name)) {
      await pageErrors.hear(req);
      res.writeHead(204).end();
      return;
    }
    site.requests.push({ name, headers: req.headers });
    await held.get(name);
    const acceptsHtml = below && (req.headers.accept ?? '').includes('text/html');
    const { status, type, body } = below ? await answer(name, acceptsHtml) : { status: 404, type: 'text/plain', body: '' };
    // With `null` the host sends no `Date`.
    res.sendDate = false;
    if (site.clockShift !== null) res.setHeader('Date', new Date(Date.now() + site.clockShift * 1000).toUTCString());
    res.writeHead(status, {
      'Content-Type': type,
      ...headersFor(name),
      ...site.headers(name),
    });
    res.end(body);
  }

  const { port, close } = await listen((req, res) => respond(req, res).catch((error) => res.writeHead(500).end(String(error))), 0);
  const origin = `http://${host}:${port}`;
  return Object.assign(site, {
    origin,
    /** The URL of a page of the app. */
    url: (page = '') => `${origin}${base}${page}`,
    blank: `${origin}${base}${BLANK}`,
    policy: (name) => headersFor(name)['Content-Security-Policy'],
    reportTo: pageErrors.reportTo,
    /** Holds requests for a file until the returned function is called. */
    hold(name) {
      let release;
      held.set(name, new Promise((resolve) => { release = resolve; }));
      return () => {
        held.delete(name);
        release();
      };
    },
    /** Serves `{ status, body }` instead of a file. */
    spoil: (name, instead) => spoilt.set(name, { body: '', ...instead }),
    /** Serves a file unchanged again. */
    heal: (name) => spoilt.delete(name),
    reset() {
      held.clear();
      spoilt.clear();
      pageErrors.heard.length = 0;
      site.clockShift = 0;
      site.headers = () => ({});
      site.requests.length = 0;
      site.workers = undefined;
    },
    close,
  });
}
