// The worker that comes with an app in Rust: wasm-bindgen puts it beside the page's client, and nobody copies a file.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe } from 'node:test';
import { eventually } from './support/eventually.js';
import { APPS, stage } from './support/harness.js';
import { ada } from './support/people.js';

/** The worker's script of an app, as its host names it. */
async function workerOf(app) {
  const files = await readdir(APPS[app].folders[0], { recursive: true });
  const [worker, ...others] = files.filter((file) => file.startsWith('snippets') && path.basename(file) === 'vault.js');
  assert.deepEqual([typeof worker, others], ['string', []]);
  return worker.replaceAll(path.sep, '/');
}

const [inRust, inLeptos] = await Promise.all([workerOf('rust'), workerOf('leptos')]);

/** Of the requests of a site, those for files of the vault. */
const loaded = (site) => [...new Set(site.requests.map(({ name }) => name).filter((name) => name.includes('vault')))];

for (const base of ['/', '/some/app/']) {
  describe(`an app at ${base}`, () => {
    const { test } = stage({ app: 'rust', base });

    async function prepare({ site }) {
      Object.assign(site.config, { vault: 'auto', workerUrl: '' });
      const html = await readFile(path.join(APPS.rust.folders[1], 'index.html'), 'utf8');
      for (const name of ['index.html', 'callback']) site.spoil(name, { type: 'text/html', body: html.replace('/start.js', `${base}start.js`) });
    }

    test('law 12: all tabs share its worker, and no file was copied', async (world) => {
      const { app, newApp, page, providerLog, site } = world;
      await prepare(world);
      await app.open();
      await app.logIn(ada);
      const other = await newApp();
      await other.open();
      assert.equal((await other.isSignedIn(ada)).vault, 'shared');
      await page.reload();
      assert.equal((await app.isSignedIn(ada)).vault, 'shared');
      assert.deepEqual(await app.callApi(2), [200, 200]);
      assert.equal(providerLog.requests('token').length, 1);
      assert.deepEqual(loaded(site), [inRust]);
    });

    test('its checks find nothing wrong', { announced: [/status of 40[014]/] }, async (world) => {
      const { page } = world;
      await prepare(world);
      await world.app.open();
      await page.waitForFunction(() => window.diagnose);
      const found = await page.evaluate(() => window.diagnose());
      assert.deepEqual(found.filter(({ check, ok }) => check.startsWith('vault') && ok !== true), []);
      assert.ok(found.length > 20, String(found.length));
    });
  });
}

describe('an app whose own module has no vault', () => {
  const { test } = stage({ app: 'leptos' });
  const prepare = ({ site }) => {
    const { apiUrl, ...config } = site.config;
    site.config = { ...config, defaultTenantName: 'acme' };
  };

  test('law 12: where no worker may run, the same script serves the page, which says so', { announced: [/worker-src|runs in the page/] }, async (world) => {
    const { app, site, watched } = world;
    prepare(world);
    site.workers = "'none'";
    await app.open();
    await app.logIn(ada);
    await eventually('a warning', () => watched.said.some((line) => /wristband-spa-auth: the vault runs in the page/.test(line)));
    assert.deepEqual(loaded(site), [inLeptos]);
  });

  test('law 12: without the script there is no session, and the state says why', { announced: [/404|vault_unavailable/] }, async (world) => {
    const { app, page, site, watched } = world;
    prepare(world);
    site.spoil(inLeptos, { status: 404, type: 'text/plain' });
    await app.open('invoices');
    await app.alert.filter({ hasText: 'No vault could be started for the session.' }).waitFor();
    await eventually('a warning', () => watched.said.some((line) => /no vault could be started.*vault\.js was answered with status 404/.test(line)));
    assert.equal(await page.evaluate(() => document.body.textContent.includes('Northwind')), false);
  });
});

describe('a worker of the app’s own', () => {
  const { test } = stage();

  for (const vault of ['shared', 'worker']) {
    test(`law 11: a page that connects before its module is there is served then, vault location: ${vault}`, async ({ demo, page, site }) => {
      site.config.vault = vault;
      const wasm = (await readdir(APPS.demo.folders[0])).find((file) => /^vault_bg.*\.wasm$/.test(file));
      const release = site.hold(wasm);
      // The page does not connect a second time.
      await page.addInitScript(() => {
        const { setTimeout } = window;
        window.setTimeout = (work, delay, ...rest) => (delay >= 1000 ? 0 : setTimeout(work, delay, ...rest));
      });
      await demo.open();
      await demo['Log in'].click({ noWaitAfter: true });
      await eventually('a request for the module', () => site.requests.some(({ name }) => name === wasm));
      release();
      await demo.provider.email.waitFor();
    });
  }
});
