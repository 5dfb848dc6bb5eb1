// Vite's own server as a host; it reports every file as the static host does.

/** Vite writes this nonce into every inline script and style of its own. A real host makes a new one for every response. */
export const NONCE = 'of-the-tests';

/** `createServer` is Vite's own, of any version; `config` is added to the app's configuration. */
export const devServer = (createServer, root, config = {}) => async () => {
  const site = {};
  const host = {
    name: 'host',
    // SvelteKit serves static files itself, such as its own config.json.
    enforce: 'pre',
    configureServer: ({ middlewares }) => void middlewares.use((request, response, next) => {
      const { pathname } = new URL(request.url, 'http://localhost');
      for (const [name, value] of Object.entries(site.headers(pathname))) response.setHeader(name, value);
      if (pathname === '/config.json') response.setHeader('Content-Type', 'application/json').end(JSON.stringify(site.config));
      else next();
    }),
  };
  const server = await createServer({
    ...config, root, plugins: [host], html: { cspNonce: NONCE }, logLevel: 'warn', clearScreen: false, server: { port: 0, strictPort: false },
  });
  await server.listen();
  const origin = new URL(server.resolvedUrls.local[0]).origin;
  return Object.assign(site, { origin, url: (page = '') => `${origin}/${page}`, close: () => server.close() });
};
