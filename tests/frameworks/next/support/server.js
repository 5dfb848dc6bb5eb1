// Next's own server as a host, in this process; it reports every file as the static host does.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import next from 'next';

/** Next writes the nonce of a request's policy into every script that it adds to the page. A real host makes a new one for every response. */
export const NONCE = 'of-the-tests';

/**
 * Starts Next for an app. The returned function is the `start` of `visit`: Next is started once, because it takes seconds. The app
 * reads its settings from `config.json` in its folder.
 */
export async function nextServer(root, { dev }) {
  // As `next dev` and `next start` do in the folder of the app.
  process.chdir(root);
  const app = next({ dev, dir: root, hostname: 'localhost' });
  await app.prepare();
  const [handle, upgrade] = [app.getRequestHandler(), app.getUpgradeHandler()];
  const close = () => app.close();
  const start = async () => {
    const site = {};
    const server = createServer((request, response) => {
      const headers = site.headers(new URL(request.url, 'http://localhost').pathname);
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      request.headers['content-security-policy'] = headers['Content-Security-Policy'];
      handle(request, response);
    });
    server.on('upgrade', upgrade);
    await new Promise((resolve) => { server.listen(0, 'localhost', resolve); });
    const origin = `http://localhost:${server.address().port}`;
    return Object.defineProperty(Object.assign(site, {
      origin,
      url: (page = '') => `${origin}/${page}`,
      close: () => new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
    }), 'config', { set: (config) => writeFileSync(path.join(root, 'config.json'), JSON.stringify(config)) });
  };
  return { start, close };
}
