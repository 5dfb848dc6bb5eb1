// Serves the pages in which the candidates are measured: `/app/NAME/` and its callback, and the candidate's files, `/files/NAME/`.
import { existsSync, readFileSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' };
const RUNTIME = fileURLToPath(new URL('page.mjs', import.meta.url));

const html = (script) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Bench</title><link rel="icon" href="data:,"></head><body>
${script && `<script type="module" src="${script}"></script>`}
</body></html>`;

/** The handler of the apps' host. `loaded` collects the requested files. */
export function pages(folder, loaded) {
  const send = (response, type, caching, body) => response.writeHead(200, { 'content-type': type, 'cache-control': caching }).end(body);
  const page = (response, script) => send(response, 'text/html', 'no-store', html(script));
  return (request, response) => {
    const path = normalize(new URL(request.url, 'http://localhost').pathname);
    const [, root, name, ...rest] = path.split('/');
    if (path === '/blank') return page(response, '');
    if (root === 'app' && name && rest.length === 1) return page(response, '/page.mjs');
    const file = path === '/page.mjs' ? RUNTIME : join(folder, name ?? '', ...rest);
    if ((root !== 'files' && file !== RUNTIME) || !existsSync(file)) return response.writeHead(404).end();
    if (root === 'files') loaded.add(file);
    return send(response, TYPES[extname(file)] ?? 'application/octet-stream', 'public, max-age=31536000, immutable', readFileSync(file));
  };
}
