// Serves pages and files as a CDN does: over HTTP/2, precompressed with brotli at its best, files immutable. `/app/APP/` and its callback are
// the pages, `/files/NAME/` a candidate's files, and `/sample` the bytes that the check of the link loads.
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const TYPES = { '.js': 'text/javascript', '.wasm': 'application/wasm' };
export const SAMPLE = randomBytes(65_536);

/** The page of an app: its bundle, and its settings inline, so that nothing is loaded before the candidate but what every app has. */
const html = (files, config) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>App</title><link rel="icon" href="data:,">
<script type="module" src="/files/${files}/script.js"></script></head><body>
<script id="config" type="application/json">${JSON.stringify(config)}</script>
</body></html>`;

/** All files of the candidates, compressed, by their paths. */
const compressed = (folder, names) => new Map(names.flatMap((name) => readdirSync(join(folder, name)).map((file) => (
  [`/files/${name}/${file}`, brotliCompressSync(readFileSync(join(folder, name, file)))]
))));

/** The handler of the apps' host. `apps` has the name of each app's candidate and its settings. */
export function pages(folder, names, apps) {
  const files = compressed(folder, names);
  const send = (response, type, caching, body) => response.writeHead(200, { 'content-type': type, 'cache-control': caching, 'content-encoding': 'br' }).end(body);
  return (request, response) => {
    const { pathname } = new URL(request.url, 'https://any.test');
    const [, root, name] = pathname.split('/');
    const app = root === 'app' && apps.get(name);
    if (app) return send(response, 'text/html', 'no-cache', brotliCompressSync(html(app.files, app.config)));
    if (files.has(pathname)) return send(response, TYPES[extname(pathname)], 'public, max-age=31536000, immutable', files.get(pathname));
    if (pathname === '/sample') return response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(SAMPLE);
    return response.writeHead(404).end();
  };
}
