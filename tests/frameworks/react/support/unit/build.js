// Builds the trees with a version of React, for a browser and for a server.
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
import { scratch } from '../../../../packaging/support/scratch.js';

const BASE = fileURLToPath(new URL('../..', import.meta.url));
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** `suffix` names the copies of React below `node_modules`: `""` or `"-18"`. Returns the folder of the page, and the module of the server. */
export async function buildUnits(suffix) {
  const root = await scratch(`units${suffix}`, BASE);
  const binding = path.join(root, 'node_modules/wristband-spa-auth/dist/react.js');
  const copyOf = (name) => path.join(BASE, 'node_modules', `${name}${suffix}`);
  const shared = {
    configFile: false,
    logLevel: 'error',
    root: here('.'),
    plugins: [{
      name: 'fake-session',
      enforce: 'pre',
      resolveId: (source, importer) => (source === './index.js' && importer === binding ? here('fake_auth.js') : undefined),
    }],
    resolve: {
      alias: [
        { find: 'wristband-spa-auth/react', replacement: binding },
        { find: /^react(?=\/|$)/, replacement: copyOf('react') },
        { find: /^react-dom(?=\/|$)/, replacement: copyOf('react-dom') },
      ],
    },
    // The warnings of React are what some tests are about.
    define: { 'process.env.NODE_ENV': '"development"' },
  };
  const page = path.join(root, 'page');
  const server = path.join(root, 'server');
  await build({ ...shared, mode: 'development', build: { outDir: page, minify: false } });
  await build({ ...shared, mode: 'development', build: { outDir: server, minify: false, ssr: here('server.js') }, ssr: { noExternal: true } });
  return { page, server: await import(pathToFileURL(path.join(server, 'server.js'))) };
}
