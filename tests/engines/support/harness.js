// Sets up the tests of a file: a provider, a host, and for every test and engine a separate visitor.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test as nodeTest } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startProvider } from '../../../demo/provider/src/provider.js';
import { configOf, STRICT } from '../../e2e/support/config.js';
import { demoHeaders, strictHeaders } from '../../e2e/support/policies.js';
import { startSite } from '../../e2e/support/site.js';
import { ProviderLog } from '../../e2e/support/provider_log.js';
import { App } from './app.js';
import { Demo } from './demo.js';
import { ENGINES, launch } from './engines.js';

const here = (folder) => fileURLToPath(new URL(folder, import.meta.url));

/** What a host can serve: where its files are, what builds them, how a tab with it is controlled, and under which headers. */
const APPS = {
  demo: { folders: [here('../../../demo/dist')], Tab: Demo, headersOf: demoHeaders },
  pkg: { folders: [here('../../../pkg/dist'), here('../../e2e/support/package')], Tab: App, headersOf: strictHeaders },
};
const TEST_TIMEOUT = 90_000;

const launched = new Map();

/** The engine of this file, started when it is first needed. */
function engineOf(name) {
  if (!launched.has(name)) launched.set(name, launch(name));
  return launched.get(name);
}

after(async () => {
  // The tests have already reported an engine that did not start.
  for (const engine of launched.values()) await engine.then(({ close }) => close(), () => {});
});

/** Whether the engine has ended, of which its driver says only that it no longer knows the visit. */
const isCrash = (error) => Boolean(error) && (/invalid session id/.test(error.message) || isCrash(error.cause));

/**
 * Starts a provider and a host for the tests that follow: for the npm package on a test page, or for the demo. With `plain`, it is an ordinary OpenID
 * provider. Each test runs in every engine.
 */
export function stage({ app: kind = 'pkg', plain = false } = {}) {
  const { folders, Tab, headersOf } = APPS[kind];
  let provider;
  let site;
  before(async () => {
    assert.ok(existsSync(folders[0]), `There is no ${folders[0]}: make it with \`cargo xtask build ${kind}\`.`);
    site = await startSite({ folders, host: 'localhost', base: '/', listens: true });
    provider = await startProvider({
      plain, appOrigins: [site.origin], redirectUris: [site.url('callback')], loginUrl: site.url('login'), logoutUrls: [site.url()],
      settings: STRICT,
    });
  });
  after(() => Promise.all([provider?.close(), site?.close()]));

  function reset() {
    provider.control.reset();
    site.reset();
    site.config = configOf({ provider, site, plain });
    site.connectTo = [`http://${plain ? '' : '*.'}localhost:${provider.port}`, `http://localhost:${provider.apiPort}`];
    site.headers = headersOf(site);
  }

  /** The visits of one test. */
  async function visits(engine) {
    const [all, apps] = [[], []];
    const newApp = async (visit) => {
      apps.push(new Tab(await visit.newPage(), site));
      return apps.at(-1);
    };
    return {
      /** A visitor with a separate browser: returns the first tab, and a function that opens another one. */
      async newVisitor() {
        all.push(await (await engineOf(engine)).visit());
        const visit = all.at(-1);
        return { app: await newApp(visit), newApp: () => newApp(visit) };
      },
      async pageErrors() {
        for (const { page } of apps.filter((app) => !app.page.isClosed)) await page.evaluate(() => window.pageErrorsAreSent?.().then(() => {}));
        return [...all.flatMap((visit) => visit.pageErrors), ...site.pageErrors];
      },
      close: () => Promise.all(all.map((visit) => visit.close())),
    };
  }

  async function run(engine, announced, body) {
    reset();
    const { newVisitor, pageErrors, close } = await visits(engine);
    try {
      const { app, newApp } = await newVisitor();
      const providerLog = new ProviderLog(provider, { plain });
      await body({ app, control: provider.control, engine, newApp, newVisitor, page: app.page, provider, site, providerLog });
      const unexpected = (await pageErrors()).filter((pageError) => !announced.some((pattern) => pattern.test(pageError)));
      assert.deepEqual(unexpected, [], 'The browser logged errors.');
    } finally {
      await close();
    }
  }

  /** A test. `announced` are patterns of the errors that the browser is expected to log. */
  function test(name, { announced = [] }, body) {
    for (const engine of ENGINES) {
      nodeTest(`${engine}: ${name}`, { timeout: TEST_TIMEOUT }, (context) => run(engine, announced, body).catch((error) => {
        if (!isCrash(error)) throw error;
        context.diagnostic(`${engine} itself crashed, and is asked once more.`);
        return run(engine, announced, body);
      }));
    }
  }

  return { test: (name, ...rest) => (typeof rest[0] === 'function' ? test(name, {}, rest[0]) : test(name, ...rest)) };
}
