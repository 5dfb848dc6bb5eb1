// Everything around the tabs: the app's host, the provider, the API, the browser.
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProvider } from '../../demo/provider/src/provider.js';
import { ARGUMENTS, CHROMIUM } from '../e2e/support/chromium.js';
import { configOf, STRICT } from '../e2e/support/config.js';
import { startSite } from '../e2e/support/site.js';
import { startApi } from './api.mjs';
import { PROBE } from './probe.mjs';

// The packages of the end-to-end tests: all use one browser.
const { chromium } = createRequire(new URL('../e2e/package.json', import.meta.url))('playwright-core');
const here = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Lifetime of an access token in seconds: it is renewed about ten times a minute. */
const LIFETIME = 8;

/** A copy of the package, so that a build in the meantime changes nothing. */
export async function copyPackage() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'soak-'));
  await cp(process.env.DIST || here('../../pkg/dist'), folder, { recursive: true });
  const digest = createHash('sha256');
  for (const name of ['index.js', 'vault.js', 'vault.wasm']) digest.update(await readFile(path.join(folder, name)));
  return { folder, digest: digest.digest('hex').slice(0, 16), remove: () => rm(folder, { recursive: true }) };
}

export async function startWorld({ folder, vault }) {
  const site = await startSite({ folders: [folder, here('page')], host: 'localhost', base: '/' });
  const provider = await startProvider({
    appOrigins: [site.origin], redirectUris: [site.url('callback')], loginUrl: site.url('login'), logoutUrls: [site.url()],
    settings: STRICT,
  });
  provider.control.patchSettings({ accessTokenTtl: LIFETIME });
  const api = await startApi(site.origin);
  const { apiUrl: _unused, ...config } = configOf({ provider, site });
  site.config = { ...config, apis: [api.prefix], api: api.prefix, vault, minimumVault: vault };
  site.connectTo = [`http://*.localhost:${provider.port}`, new URL(api.prefix).origin];
  site.spoil('vault.js', { body: PROBE + await readFile(path.join(folder, 'vault.js'), 'utf8') });
  // Keeps a page that is left for the Back button, as browsers do that are not automated.
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS, ignoreDefaultArgs: ['--disable-back-forward-cache'] });
  const context = await browser.newContext();
  context.setDefaultTimeout(30_000);
  return {
    api,
    browser,
    context,
    provider,
    site,
    async close() {
      await browser.close();
      await Promise.all([provider.close(), site.close(), api.close()]);
    },
  };
}
