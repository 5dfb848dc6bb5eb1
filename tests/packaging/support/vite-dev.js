// Vite's own server as a host, which says the same of every file as the static one.
import { createServer } from 'vite';

/** Vite writes this into every script and style of its own that stands in the page. A real host makes one for every answer. */
export const NONCE = 'of-the-tests';

export const devServer = (root) => async () => {
  const site = {};
  const host = {
    name: 'host',
    configureServer: ({ middlewares }) => void middlewares.use((request, response, next) => {
      const { pathname } = new URL(request.url, 'http://localhost');
      for (const [name, value] of Object.entries(site.headers(pathname))) response.setHeader(name, value);
      if (pathname === '/config.json') response.setHeader('Content-Type', 'application/json').end(JSON.stringify(site.config));
      else next();
    }),
  };
  const server = await createServer({
    root, plugins: [host], html: { cspNonce: NONCE }, logLevel: 'warn', clearScreen: false, server: { port: 0, strictPort: false },
  });
  await server.listen();
  const origin = new URL(server.resolvedUrls.local[0]).origin;
  return Object.assign(site, { origin, url: (page = '') => `${origin}/${page}`, close: () => server.close() });
};
