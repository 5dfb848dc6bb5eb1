// A signed-in visitor with a separate browser, on the page of the end-to-end tests.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { startProvider } from '../../demo/provider/src/provider.js';
import { App } from '../../tests/e2e/support/app.js';
import { ARGUMENTS, CHROMIUM } from '../../tests/e2e/support/chromium.js';
import { configOf } from '../../tests/e2e/support/config.js';
import { workersOf } from '../../tests/e2e/support/devtools.js';
import { ada } from '../../tests/e2e/support/people.js';
import { startSite } from '../../tests/e2e/support/site.js';
import { countTraffic } from '../../tests/e2e/support/traffic.js';

// The packages of the end-to-end tests: both use one browser.
const { chromium } = createRequire(new URL('../../tests/e2e/package.json', import.meta.url))('playwright-core');
const folders = ['../../pkg/dist', '../../tests/e2e/support/package'].map((folder) => fileURLToPath(new URL(folder, import.meta.url)));

/** Signs a user in, and runs `work`. `settings` are the provider's. */
export async function withVisitor(settings, work) {
  const site = await startSite({ folders, host: 'localhost', base: '/' });
  const provider = await startProvider({
    appOrigins: [site.origin], redirectUris: [site.url('callback')], loginUrl: site.url('login'), logoutUrls: [site.url()],
  });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  try {
    const { control } = provider;
    control.patchSettings(settings);
    site.config = { ...configOf({ provider, site }), vault: 'shared' };
    site.connectTo = [`http://*.localhost:${provider.port}`, `http://localhost:${provider.apiPort}`];
    const context = await browser.newContext();
    context.setDefaultTimeout(120_000);
    const traffic = await countTraffic({ context, control, site });
    const newApp = async () => new App(await context.newPage(), site);
    const app = await newApp();
    await app.open();
    await app.logIn(ada);
    await app.isReady();
    const workers = await workersOf(app.page);
    const [worker] = await workers.list();
    return await work({ app, browser: browser.version(), context, control, newApp, site, traffic, worker, workers });
  } finally {
    await browser.close();
    await Promise.all([provider.close(), site.close()]);
  }
}

/** Another tab of the app, in which the same user is signed in. */
export async function openTab({ newApp }) {
  const tab = await newApp();
  await tab.open();
  await tab.isSignedIn(ada);
  await tab.isReady();
  return tab;
}
