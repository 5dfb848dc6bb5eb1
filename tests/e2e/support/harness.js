// Sets up the tests of a file: a provider, a host for the app, and for every test a separate visitor.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { after, before, test as nodeTest } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startProvider } from '../../../demo/provider/src/provider.js';
import { App } from './app.js';
import { HungBrowser, inContext } from './context.js';
import { configOf, STRICT } from './config.js';
import { Demo } from './demo.js';
import { Example } from './example.js';
import { startSite } from './site.js';
import { watch } from './watch.js';
import { ProviderLog } from './provider_log.js';

const here = (folder) => fileURLToPath(new URL(folder, import.meta.url));

/** What a host can serve: where its files are, what builds them, and how a tab with it is controlled. */
export const APPS = {
  demo: { folders: [path.resolve(process.env.DEMO_DIST || here('../../../demo/dist'))], Tab: Demo },
  leptos: { folders: [here('../../../examples/leptos/dist')], Tab: Example },
  pkg: { folders: [here('../../../pkg/dist'), here('package')], Tab: App },
  // The Rust library with the package's API, and the package's worker: the same tests run on both.
  rust: { folders: [here('rust/dist'), here('rust/page'), here('../../../pkg/dist')], Tab: App },
  yew: { folders: [here('../../../examples/yew/dist')], Tab: Example },
};

/** Which of the two the tests of the package run on: `pkg` or `rust`. */
export const FACE = process.env.FACE || 'pkg';

const TEST_TIMEOUT = 60_000;

/**
 * Starts a provider and a host for the tests that follow, or for those of the `describe` around it.
 *
 * The demo is at `host`, in the folder `base`; with `plain` the provider is an ordinary OpenID provider. With `pkg` as the `app` there is
 * a page with the JavaScript package instead of the demo, with `leptos` or `yew` the example of that name.
 */
export function stage({ app: wanted = 'demo', base = '/', host = 'localhost', plain = false } = {}) {
  const app = wanted === 'pkg' ? FACE : wanted;
  const { folders, Tab } = APPS[app];
  let provider;
  let site;
  before(async () => {
    assert.ok(existsSync(folders[0]), `There is no ${folders[0]}: make it with \`cargo xtask build ${Tab === Example ? 'examples' : app}\`.`);
    site = await startSite({ folders, host, base });
    provider = await startProvider({
      plain, appOrigins: [site.origin], redirectUris: [site.url('callback')], loginUrl: site.url('login'), logoutUrls: [site.url()],
      settings: STRICT,
    });
  });
  after(() => Promise.all([provider?.close(), site?.close()]));

  /**
   * A test. `announced` are patterns of the errors that the browser is expected to log; `context` are options of the browser context;
   * `todo` says why it fails. A long test says `within` how many milliseconds it ends.
   */
  function test(name, { announced = [], context: options, keepsPages, todo, trusts, within = TEST_TIMEOUT } = {}, body) {
    // The time limit is kept here, so that a hanging test can be examined while its pages are still open.
    nodeTest(name, { todo }, async (run) => {
      const tell = (line) => run.diagnostic(line);
      const once = async () => {
        provider.control.reset();
        site.reset();
        site.config = configOf({ provider, site, plain });
        // Tests intercept and examine what the page itself sends. Those that want a worker say so.
        if (app === 'demo') site.config.vault = 'page';
        site.connectTo = [`http://${plain ? '' : '*.'}localhost:${provider.port}`, `http://localhost:${provider.apiPort}`];
        await inContext({ options, keepsPages, trusts, within }, async (context) => {
          const watched = await watch(context);
          const newTab = async () => new Tab(await context.newPage(), site);
          const tab = await newTab();
          const tabs = app === 'demo' ? { demo: tab, newDemo: newTab } : { app: tab, newApp: newTab };
          const providerLog = new ProviderLog(provider, { plain });
          await body({ ...tabs, context, control: provider.control, page: tab.page, provider, site, tell, watched, providerLog });
          assert.deepEqual(watched.unexpected(announced), [], 'The browser logged errors.');
        });
      };
      try {
        await once();
      } catch (error) {
        if (!(error instanceof HungBrowser)) throw error;
        tell(`${error.message} The test is made once more, with another browser.`);
        await once();
      }
    });
  }

  return { test: (name, ...rest) => (typeof rest[0] === 'function' ? test(name, {}, rest[0]) : test(name, ...rest)) };
}

/** Holds the next matching request of a page, and reports when it has come. */
export async function hold(page, matches) {
  let release;
  let arrive;
  const released = new Promise((resolve) => { release = resolve; });
  const arrived = new Promise((resolve) => { arrive = resolve; });
  await page.route(matches, async (route) => {
    arrive(route.request());
    await released;
    await route.continue();
  }, { times: 1 });
  return { arrived, release };
}

/** Holds the response to the next request to the token endpoint: the provider has done its work by then. */
export async function holdTokens(page) {
  const session = await page.context().newCDPSession(page);
  const paused = new Promise((resolve) => { session.once('Fetch.requestPaused', resolve); });
  await session.send('Fetch.enable', { patterns: [{ urlPattern: '*/oauth2/token', requestStage: 'Response' }] });
  return {
    arrived: paused,
    async release() {
      await session.send('Fetch.continueRequest', { requestId: (await paused).requestId });
      await session.detach();
    },
  };
}

export const isTokenRequest = (url) => /\/(oauth2\/)?token$/.test(url.pathname);
