// A browser in which one API after the other fails, and how the library reacts.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProvider } from '../../../demo/provider/src/provider.js';
import { installBrokenApis } from './broken_apis/install.js';
import { STRICT } from './config.js';
import { BROKEN_FILE, fileOf, Visit } from './broken_visit.js';
import { ProviderPages } from './demo.js';
import { eventually } from './eventually.js';
import { ada } from './people.js';
import { startSite } from './site.js';

const here = (folder) => fileURLToPath(new URL(folder, import.meta.url));

/** The npm package. Another build of it can be tried. */
const DIST = path.resolve(process.env.DIST || here('../../../pkg/dist'));

/** How a file fails on the network: it is wrong, it is missing, or it never arrives. */
const FILES = {
  throws: (site, name) => site.spoil(name, { body: name.endsWith('.js') ? `throw new Error('${BROKEN_FILE}');` : BROKEN_FILE }),
  rejects: (site, name) => site.spoil(name, { status: 404, type: 'text/plain' }),
  silent: (site, name) => site.hold(name),
};

/** Starts a provider and a host, and signs a user in to the provider's own session: from then on it asks for no password. */
export async function startBrokenApis() {
  const site = await startSite({ folders: [here('broken_apis'), DIST], host: 'localhost', base: '/' });
  const provider = await startProvider({
    appOrigins: [site.origin], redirectUris: [site.url('callback')], loginUrl: site.url('login'), logoutUrls: [site.url()],
    settings: STRICT,
  });
  site.connectTo = [`http://*.localhost:${provider.port}`, `http://localhost:${provider.apiPort}`];
  const script = await readFile(path.join(DIST, 'vault.js'), 'utf8');
  // The script's URL names what fails in it from its first line on.
  const prefix = `(${installBrokenApis})(Object.fromEntries(new URL(import.meta.url).searchParams));\n`;
  site.spoil('vault.js', { body: prefix + script });
  for (const [way, spoil] of Object.entries(FILES)) for (const type of ['js', 'wasm']) spoil(site, fileOf(way, type));
  const world = { provider, site };
  world.returning = await signIn(world);
  return {
    perform: (cell) => perform(world, cell),
    close: () => Promise.all([provider.close(), site.close()]),
  };
}

/** Signs a user in once, and returns everything that the browser stores of that. */
async function signIn(world) {
  const visit = await Visit.begin(world, { api: '', where: 'page', vault: 'page', moment: 'login', way: '' });
  try {
    await visit.open();
    await visit.page.goto(await visit.login());
    await new ProviderPages(visit.page).signIn(ada);
    await eventually('a session', async () => (await visit.state()).status === 'signed-in');
    return await visit.context.storageState({ indexedDB: true });
  } finally {
    await visit.context.close();
  }
}

/** Has the API of a cell fail at its moment. Returns the result. */
async function perform(world, cell) {
  const visit = await Visit.begin(world, cell);
  try {
    return await visit.perform();
  } finally {
    await visit.context.close();
  }
}
