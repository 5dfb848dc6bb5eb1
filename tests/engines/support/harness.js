// Sets the stage for the tests of a file: a provider, a host, and for every test and engine a visitor of its own.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test as nodeTest } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startProvider } from '../../../demo/provider/src/provider.js';
import { configOf } from '../../e2e/support/config.js';
import { demoHeaders, strictHeaders } from '../../e2e/support/policies.js';
import { startSite } from '../../e2e/support/site.js';
import { Witness } from '../../e2e/support/witness.js';
import { App } from './app.js';
import { Demo } from './demo.js';
import { ENGINES, launch } from './engines.js';

const here = (folder) => fileURLToPath(new URL(folder, import.meta.url));

/** What a host can serve: where its files are, what makes them, how a tab with it is handled, and under which headers. */
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
  // An engine that did not start has been told of by the tests.
  for (const engine of launched.values()) await engine.then(({ close }) => close(), () => {});
});

/** Whether the engine has ended, of which its driver says no more than that it no longer knows the visit. */
const isCrash = (error) => Boolean(error) && (/invalid session id/.test(error.message) || isCrash(error.cause));

/** Starts a provider and a host for the tests that follow: for the npm package on a page of its own, or for the demo. Each test runs in every engine. */
export function stage({ app: kind = 'pkg' } = {}) {
  const { folders, Tab, headersOf } = APPS[kind];
  let provider;
  let site;
  before(async () => {
    assert.ok(existsSync(folders[0]), `There is no ${folders[0]}: make it with \`cargo xtask build ${kind}\`.`);
    site = await startSite({ folders, host: 'localhost', base: '/', listens: true });
    provider = await startProvider({
      appOrigins: [site.origin], redirectUris: [site.url('callback')], loginUrl: site.url('login'), logoutUrls: [site.url()],
    });
  });
  after(() => Promise.all([provider?.close(), site?.close()]));

  function reset() {
    provider.control.reset();
    site.reset();
    site.config = configOf({ provider, site, plain: false });
    site.connectTo = [`http://*.localhost:${provider.port}`, `http://localhost:${provider.apiPort}`];
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
      /** Somebody with a browser of their own: answers their first tab, and what opens another one. */
      async newVisitor() {
        all.push(await (await engineOf(engine)).visit());
        const visit = all.at(-1);
        return { app: await newApp(visit), newApp: () => newApp(visit) };
      },
      async complaints() {
        for (const { page } of apps.filter((app) => !app.page.isClosed)) await page.evaluate(() => window.complaintsAreTold?.().then(() => {}));
        return [...all.flatMap((visit) => visit.complaints), ...site.complaints];
      },
      close: () => Promise.all(all.map((visit) => visit.close())),
    };
  }

  async function run(engine, announced, body) {
    reset();
    const { newVisitor, complaints, close } = await visits(engine);
    try {
      const { app, newApp } = await newVisitor();
      const witness = new Witness(provider, { plain: false });
      await body({ app, control: provider.control, engine, newApp, newVisitor, page: app.page, provider, site, witness });
      const unexpected = (await complaints()).filter((complaint) => !announced.some((pattern) => pattern.test(complaint)));
      assert.deepEqual(unexpected, [], 'The browser complained.');
    } finally {
      await close();
    }
  }

  /** A test. `announced` are patterns of what the browser will complain of. */
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
