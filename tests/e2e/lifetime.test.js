// How long a vault lives, and what happens to its tabs when it ends: reloads, closed tabs, workers that are killed or cannot start.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { workersOf } from './support/devtools.js';
import { eventually } from './support/eventually.js';
import { FACE, stage } from './support/harness.js';
import { ada } from './support/people.js';
import { storageFromSecondTab } from './support/storage.js';

const { test } = stage({ app: 'pkg' });
const { version } = JSON.parse(await readFile(new URL('../../pkg/package.json', import.meta.url), 'utf8'));

/** What a page of the app loads if its vault is already running: its own files, and neither the worker's nor the vault's. */
const PAGE = ['config.json', 'index.html', ...{ pkg: ['index.js', 'page.js'], rust: ['client.js', 'page.js', 'page_bg.wasm', 'start.js'] }[FACE]].sort();
const loaded = (site) => site.requests.map(({ name }) => name.split('/').at(-1)).sort();

/** Signs a user in, and clears the logs. */
async function signedIn({ app, control, site }, config) {
  Object.assign(site.config, config);
  await app.open();
  const state = await app.logIn(ada);
  control.clearLog();
  site.requests.length = 0;
  return state;
}

/** Has the page make a call as soon as its vault is lost, when there is none and there will be one. `window.meanwhile` is its result. */
const askMeanwhile = (page) => page.evaluate(() => {
  window.auth.subscribe(({ status }) => {
    if (status === 'loading') window.meanwhile = window.auth.userInfo().catch(({ code }) => code);
  });
});

/** The visitor has left: no page of the app is open any more, and no worker runs. */
const isGone = (workers) => eventually('the end of the vault', async () => (await workers.list()).length === 0);

test('a reload finds the running session, without any request to the provider', async (world) => {
  const { app, control, page, site } = world;
  await signedIn(world, { vault: 'shared' });
  for (let reload = 0; reload < 3; reload += 1) {
    await page.reload();
    await app.isSignedIn(ada);
  }
  assert.deepEqual(control.log(), []);
  // The host requires its files to be revalidated each time. Of the vault's files none is loaded again.
  assert.deepEqual(loaded(site), [...PAGE, ...PAGE, ...PAGE].sort());
  assert.deepEqual(await app.callApi(2), [200, 200]);
});

test('a user who leaves the site and comes back is still signed in', { announced: [/favicon/] }, async (world) => {
  const { app, control, page, provider, site } = world;
  await signedIn(world, { vault: 'shared' });
  await page.goto('about:blank');
  await app.open('?back');
  await app.isSignedIn(ada);
  // On a page of another site, in another process.
  await page.goto(`http://localhost:${provider.port}/health`);
  control.clearLog();
  await page.goBack();
  await app.isSignedIn(ada);
  // The browser asks every site for its icon.
  assert.deepEqual(control.log().filter(({ path }) => path !== '/favicon.ico'), []);
  assert.deepEqual([...new Set(loaded(site))], PAGE);
});

test('the last tab is closed and opened again: still signed in, as long as the vault lingers', async (world) => {
  const { control, newApp, page } = world;
  await signedIn(world, { vault: 'shared', linger: 60 });
  const workers = await workersOf(page);
  const [before] = await workers.list();
  await page.close();
  const again = await newApp();
  await again.open();
  await again.isSignedIn(ada);
  assert.deepEqual(control.log(), []);
  assert.deepEqual((await workers.list()).map(({ targetId }) => targetId), [before.targetId]);
});

test('a vault without tabs forgets everything and ends', async (world) => {
  const { context, control, newApp, page, site, providerLog } = world;
  await signedIn(world, { vault: 'shared', linger: 1, restore: 'none' });
  const workers = await workersOf(page);
  const token = providerLog.lastRefreshToken();
  await page.close();
  await isGone(workers);

  const { databases } = await storageFromSecondTab(context, site);
  assert.deepEqual(Object.values(databases).map(({ pending }) => pending), [[]]);
  const again = await newApp();
  await again.open();
  assert.equal(await again.isSignedOut(), 'expired');
  assert.deepEqual(await again.callApi(), ['not_signed_in']);
  assert.deepEqual(control.log(), []);
  // The session at the provider is still active: it was not ended, it was forgotten.
  assert.equal((await providerLog.tryRefreshToken(token)).status, 200);
});

test('a vault with linger 0 runs as long as a tab is open', async (world) => {
  const { app, page, site, providerLog } = world;
  await signedIn(world, { vault: 'shared', linger: 0 });
  assert.deepEqual(await app.callApi(), [200]);
  const workers = await workersOf(page);
  await page.goto(site.blank);
  await isGone(workers);
  await app.open();
  await app.isSignedIn(ada);
  assert.deepEqual(providerLog.authorizeRequests().map(({ query }) => query.prompt), ['none']);
});

test('a vault waits for a user who left to log in, however short its linger time', async (world) => {
  const { app, page, site, providerLog } = world;
  Object.assign(site.config, { vault: 'shared', linger: 1 });
  await app.open();
  await app.leave();
  await app.provider.email.waitFor();
  const [before] = await (await workersOf(page)).list();
  // The user takes longer to type a password than a vault lingers.
  await page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 1500); }));
  site.requests.length = 0;
  await app.provider.signIn(ada);
  await app.isSignedIn(ada);
  assert.deepEqual((await (await workersOf(page)).list()).map(({ targetId }) => targetId), [before.targetId]);
  assert.deepEqual(loaded(site), [...PAGE.filter((name) => name !== 'index.html'), 'callback'].sort());
  assert.equal(providerLog.tokenRequests().length, 1);
});

test('a forgotten session is restored by one redirect', async (world) => {
  const { newApp, page, providerLog } = world;
  await signedIn(world, { vault: 'shared', linger: 1 });
  const workers = await workersOf(page);
  await page.close();
  await isGone(workers);
  const again = await newApp();
  await again.open();
  await again.isSignedIn(ada);
  assert.deepEqual(providerLog.authorizeRequests().map(({ query }) => query.prompt), ['none']);
  assert.equal(providerLog.tokenRequests().length, 1);
});

test('a tab that ends without a `bye` does not keep the vault alive', async (world) => {
  const { context, page } = world;
  await context.addInitScript(() => {
    const { postMessage } = MessagePort.prototype;
    MessagePort.prototype.postMessage = function send(message, ...rest) {
      if (message?.event !== 'bye') postMessage.call(this, message, ...rest);
    };
  });
  await signedIn(world, { vault: 'shared', linger: 1 });
  const workers = await workersOf(page);
  assert.equal((await workers.list()).length, 1);
  await page.close();
  await isGone(workers);
});

test('a tab that crashes does not keep the vault alive', { announced: [/^crash: /] }, async (world) => {
  const { context, page } = world;
  await signedIn(world, { vault: 'shared', linger: 1 });
  const workers = await workersOf(page);
  const crash = page.waitForEvent('crash');
  const session = await context.newCDPSession(page);
  session.send('Page.crash').catch(() => {});
  await crash;
  await isGone(workers);
});

test('an open tab keeps the vault alive, however many others close', async (world) => {
  const { app, control, newApp } = world;
  await signedIn(world, { vault: 'shared', linger: 1 });
  for (let visit = 0; visit < 3; visit += 1) {
    const other = await newApp();
    await other.open(`?visit=${visit}`);
    await other.isSignedIn(ada);
    await other.page.close();
  }
  // The vault would have been gone a second after the last tab: an open tab waits this long, and nothing happens.
  await app.page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 1500); }));
  assert.deepEqual(await app.callApi(), [200]);
  assert.deepEqual(control.log().filter(({ endpoint }) => endpoint !== 'api'), []);
});

const TABS = 5;
const CALLS = 100;

/** Opens this many tabs of the app, in all of which the user is signed in. */
async function openTabs({ app, newApp }, tabs = TABS) {
  const all = [app];
  while (all.length < tabs) {
    const tab = await newApp();
    await tab.open(`?tab=${all.length}`);
    await tab.isSignedIn(ada);
    all.push(tab);
  }
  return all;
}

const allGood = Array(TABS).fill(Array(CALLS).fill(200));

test('law 2: five tabs with a hundred calls each and an expired token make one token request', async (world) => {
  const { app, control, newApp, page, site, providerLog } = world;
  site.config.vault = 'shared';
  control.patchSettings({ accessTokenTtl: 4 });
  // The renewal ahead of expiry takes so long that the token expires meanwhile.
  control.addFault({ endpoint: 'token', grant: 'refresh_token', delayMs: 6_000 });
  // Tabs take a while to open. They are open before the token is issued, whose lifetime is short.
  const tabs = [app];
  while (tabs.length < TABS) tabs.push(await newApp());
  for (const tab of tabs) {
    await tab.open();
    await tab.isSignedOut();
  }
  await app.logIn(ada);
  control.patchSettings({ accessTokenTtl: 1800 });
  for (const tab of tabs) await tab.isSignedIn(ada);
  await page.waitForFunction(() => Date.now() > window.auth.state.expiresAt);
  assert.equal((await app.state()).renewals, 0);
  assert.deepEqual(await Promise.all(tabs.map((tab) => tab.callApi(CALLS))), allGood);
  assert.equal(providerLog.tokenRequests('refresh_token').length, 1);
  assert.equal(providerLog.requests('api').length, TABS * CALLS);
});

test('law 2: a token that only the API knows to be expired causes one token request as well', { announced: [/Failed to load resource.*401/] }, async (world) => {
  const { control, providerLog } = world;
  await signedIn(world, { vault: 'shared' });
  const tabs = await openTabs(world);
  await control.rotateKeys({ dropOld: true });
  assert.deepEqual(await Promise.all(tabs.map((tab) => tab.callApi(CALLS))), allGood);
  assert.equal(providerLog.tokenRequests('refresh_token').length, 1);
});

test('law 2: with a worker for each tab there is one token request for each tab', { announced: [/Failed to load resource.*401/] }, async (world) => {
  const { control, providerLog } = world;
  await signedIn(world, { vault: 'worker' });
  const tabs = await openTabs(world);
  control.clearLog();
  await control.rotateKeys({ dropOld: true });
  assert.deepEqual(await Promise.all(tabs.map((tab) => tab.callApi(CALLS))), allGood);
  const used = providerLog.tokenRequests('refresh_token');
  assert.deepEqual(used.map(({ status }) => status), Array(TABS).fill(200));
  // Each tab has its own grant.
  assert.equal(new Set(used.map(({ form }) => form.refresh_token)).size, TABS);
});

for (const vault of ['shared', 'worker']) {
  test(`a logout in one tab logs out the other, vault location: ${vault}`, async (world) => {
    const { app, providerLog } = world;
    await signedIn(world, { vault });
    const [, other] = await openTabs(world, 2);
    await other.logOut();
    assert.equal(await app.isSignedOut(), 'signed-out');
    assert.deepEqual(await app.callApi(), ['not_signed_in']);
    assert.equal(providerLog.requests('logout').length, 1);
  });
}

test('a login in one tab signs in the other', async ({ app, control, newApp, site, providerLog }) => {
  site.config.vault = 'shared';
  const other = await newApp();
  for (const tab of [app, other]) {
    await tab.open();
    await tab.isSignedOut();
  }
  await app.logIn(ada);
  await other.isSignedIn(ada);
  assert.deepEqual(await other.callApi(), [200]);
  assert.equal(providerLog.tokenRequests().length, 1);
  assert.equal(control.issued().accessTokens.length, 1);
});

/** A tab whose vault was lost shows that, and is still the same page. */
const isInterrupted = async (tab) => {
  await tab.page.waitForFunction(() => window.auth.state.reason === 'expired');
  assert.ok(await tab.page.evaluate(() => window.isTheSamePage));
};

test('law 11: a killed vault is replaced, and no page redirects while in use', async (world) => {
  const { app, page, providerLog } = world;
  await signedIn(world, { vault: 'shared' });
  const [, other] = await openTabs(world, 2);
  for (const tab of [app, other]) await tab.page.evaluate(() => { window.isTheSamePage = true; });
  const workers = await workersOf(page);
  const [killed] = await workers.list();
  await workers.kill(killed);
  for (const tab of [app, other]) await isInterrupted(tab);
  // A guard asks the user, who may be typing.
  assert.equal(await page.evaluate(() => window.auth.login({ tenantName: 'acme', automatic: true }).catch(({ code }) => code)), 'vault_lost');
  assert.deepEqual(providerLog.authorizeRequests(), []);
  // The user acts: the session comes back by one redirect, in all tabs.
  await page.reload();
  for (const tab of [app, other]) {
    await tab.isSignedIn(ada);
    assert.equal((await tab.state()).vault, 'shared');
    assert.deepEqual(await tab.callApi(), [200]);
  }
  assert.deepEqual(providerLog.authorizeRequests().map(({ query }) => query.prompt), ['none']);
  assert.equal(providerLog.tokenRequests().length, 1);
  const [successor, ...more] = await workers.list();
  assert.deepEqual(more, []);
  assert.notEqual(successor.targetId, killed.targetId);
});

test('with restore off a killed vault ends the session, and no call stays pending', async (world) => {
  const { app, control, page } = world;
  await signedIn(world, { vault: 'shared', restore: 'none' });
  const workers = await workersOf(page);
  await askMeanwhile(page);
  control.addFault({ endpoint: 'api', delayMs: 30_000 });
  const call = app.callApi();
  await eventually('the call', () => control.log().some(({ endpoint }) => endpoint === 'api'));
  const [killed] = await workers.list();
  await workers.kill(killed);
  assert.deepEqual(await call, ['vault_lost']);
  assert.equal(await app.isSignedOut(), 'expired');
  assert.equal((await app.state()).vault, 'shared');
  assert.equal(await page.evaluate(() => window.meanwhile), 'not_signed_in');
  assert.deepEqual(await app.callApi(), ['not_signed_in']);
  // The user can log in again, in the new vault.
  await app.leave({ tenantName: ada.tenant });
  await app.isSignedIn(ada);
});

test('a killed dedicated worker is replaced, too', async (world) => {
  const { app, page, providerLog } = world;
  await signedIn(world, { vault: 'worker' });
  const workers = await workersOf(page);
  await page.evaluate(() => { window.isTheSamePage = true; });
  await workers.kill((await workers.list())[0]);
  await isInterrupted(app);
  assert.deepEqual(providerLog.authorizeRequests(), []);
  assert.deepEqual(await app.callApi(), ['not_signed_in']);
  await page.evaluate(() => { window.auth.login({ tenantName: 'acme' }); });
  assert.equal((await app.isSignedIn(ada)).vault, 'worker');
  assert.deepEqual(await app.callApi(), [200]);
});

test('a tab that crashes does not end the other tab’s session', { announced: [/^crash: /] }, async (world) => {
  const { context, page, providerLog } = world;
  await signedIn(world, { vault: 'shared' });
  const [, other] = await openTabs(world, 2);
  const crash = page.waitForEvent('crash');
  const session = await context.newCDPSession(page);
  session.send('Page.crash').catch(() => {});
  await crash;
  // The vault may have run in the process that crashed. The other tab then gets a new one, and its user is asked.
  await eventually('an answer', async () => [200, 'not_signed_in'].includes((await other.callApi())[0]));
  assert.deepEqual(providerLog.authorizeRequests(), []);
  if ((await other.state()).status === 'signed-out') await other.page.reload();
  assert.equal((await other.isSignedIn(ada)).vault, 'shared');
  assert.deepEqual(await other.callApi(), [200]);
  assert.ok(providerLog.tokenRequests().length <= 1);
});

test('pages with a shared vault stay in the back/forward cache, however long they are away', { keepsPages: true }, async (world) => {
  const { app, page, site } = world;
  await signedIn(world, { vault: 'shared' });
  await page.evaluate(() => { window.isTheSamePage = true; });
  await page.goto(site.blank);
  // The vault closes its port to a page that has gone after two seconds, and its lock was released long before.
  await page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 3000); }));
  await page.goBack({ waitUntil: 'commit' });
  assert.ok(await page.evaluate(() => window.isTheSamePage), 'The browser did not keep the page.');
  assert.deepEqual(await app.callApi(), [200]);
});

test('a page restored from the back/forward cache is served again', { keepsPages: true }, async (world) => {
  const { app, context, control, page, site } = world;
  await context.addInitScript(() => {
    const call = () => window.auth.fetch(window.apiUrl).then(({ status }) => status, ({ code }) => code);
    // What an app loads again when it is shown again, before the library is notified: the vault has to be reached again.
    addEventListener('pageshow', ({ persisted }) => {
      if (!persisted) return;
      const [soon, later] = [new AbortController(), new AbortController()];
      const stopped = [soon, later].map(({ signal }) => window.auth.fetch(window.apiUrl, { signal }).catch(({ name }) => name));
      soon.abort();
      setTimeout(() => later.abort());
      window.answers = Promise.all([call(), window.auth.userInfo().then(({ email }) => email, ({ code }) => code), ...stopped]);
    });
  });
  await signedIn(world, { vault: 'shared' });
  await page.evaluate(() => { window.isTheSamePage = true; });
  await page.goto(site.blank);
  await page.goBack({ waitUntil: 'commit' });
  assert.ok(await page.evaluate(() => window.isTheSamePage), 'The browser did not keep the page.');
  await page.waitForFunction(() => window.answers);
  assert.deepEqual(await page.evaluate(() => window.answers), [200, ada.email, 'AbortError', 'AbortError']);
  assert.deepEqual(await app.callApi(2), [200, 200]);
  await app.isSignedIn(ada);
  assert.equal(await app.call('renew'), 'done');
  await app.hasRenewed(1);
  assert.deepEqual(control.log().filter(({ endpoint }) => endpoint === 'authorize'), []);
});

test('a callback page left for the back/forward cache continues when it is shown again', { keepsPages: true }, async (world) => {
  const { app, control, page, site, providerLog } = world;
  site.config.vault = 'shared';
  await app.open();
  await app.leave({ tenantName: ada.tenant });
  control.addFault({ endpoint: 'token', delayMs: 2_000 });
  await app.provider.signIn(ada);
  await eventually('the token request', () => providerLog.tokenRequests().length > 0);
  await page.evaluate(() => { window.isTheSamePage = true; });
  await page.goto(site.blank);
  await page.goBack({ waitUntil: 'commit' });
  assert.ok(await page.evaluate(() => window.isTheSamePage), 'The browser did not keep the page.');
  await app.isSignedIn(ada);
  assert.deepEqual(await app.callApi(), [200]);
  assert.equal(providerLog.tokenRequests().length, 1);
});

test('a page in the back/forward cache does not keep the vault alive, and gets another one when restored', { keepsPages: true }, async (world) => {
  const { app, page, site, providerLog } = world;
  await signedIn(world, { vault: 'shared', linger: 1 });
  const workers = await workersOf(page);
  // It leaves as soon as it is back, so that it cannot be asked, and has to store its result.
  await page.evaluate(() => {
    window.addEventListener('pageshow', ({ persisted }) => { if (persisted) sessionStorage.setItem('isTheSamePage', 'yes'); });
  });
  await page.goto(site.blank);
  await isGone(workers);
  await page.goBack({ waitUntil: 'commit' });
  await eventually('the redirect', () => providerLog.authorizeRequests().length > 0);
  await app.isSignedIn(ada);
  assert.ok(await page.evaluate(() => sessionStorage.getItem('isTheSamePage')), 'The browser did not keep the page.');
});

test('a vault that was just ending when it was called is called again', async ({ app, page, site }) => {
  // What Chromium does with a call that reaches a shared worker while it closes: nothing.
  await page.addInitScript(() => {
    const Real = window.SharedWorker;
    let calls = 0;
    window.SharedWorker = function Closing(...settings) {
      calls += 1;
      return calls > 1 ? new Real(...settings) : { port: new MessageChannel().port1 };
    };
  });
  site.config.vault = 'shared';
  await app.open();
  await app.isSignedOut();
  assert.equal((await app.logIn(ada)).vault, 'shared');
});

const without = (context, names) => context.addInitScript((missing) => { for (const name of missing) delete window[name]; }, names);

for (const [missing, home] of [[[], 'shared'], [['SharedWorker'], 'worker'], [['SharedWorker', 'Worker'], 'page']]) {
  test(`law 12: without ${missing.join(' and ') || 'anything missing'} the vault location is ${home}`, async (world) => {
    const { app, context, site, providerLog } = world;
    await without(context, missing);
    site.config.vault = 'auto';
    await app.open();
    await app.isSignedOut();
    const { vault, vaultFallback } = await app.logIn(ada);
    assert.equal(vault, home);
    assert.match(String(vaultFallback), [/^null$/, /^shared: .*SharedWorker$/, /^shared: .*SharedWorker; worker: /][missing.length]);
    assert.deepEqual(await app.callApi(), [200]);
    assert.equal(await app.call('renew'), 'done');
    assert.equal(providerLog.tokenRequests().length, 2);
  });
}

/** Speeds up the library's timeouts twenty times, for pages from the next one on. */
const hurry = (context) => context.addInitScript(() => {
  const { setTimeout: later } = window;
  window.setTimeout = (work, delay = 0, ...given) => later(work, delay / 20, ...given);
});

test('law 11: a vault that stops answering is left, and pending calls fail', async (world) => {
  const { app, context, page } = world;
  await hurry(context);
  await context.addInitScript(() => {
    const { postMessage } = MessagePort.prototype;
    const ports = new Set();
    // No message to the earlier vaults arrives any more.
    window.standStill = () => { window.deaf = new Set(ports); };
    MessagePort.prototype.postMessage = function send(...message) {
      ports.add(this);
      if (!window.deaf?.has(this)) postMessage.apply(this, message);
    };
  });
  await signedIn(world, { vault: 'shared', restore: 'none' });
  await page.evaluate(() => window.standStill());
  assert.deepEqual(await app.callApi(), ['vault_lost']);
  // Another port leads to the running vault.
  await app.isSignedIn(ada);
  assert.deepEqual(await app.callApi(), [200]);
});

test('law 11: calls that wait for a vault that does not start fail, and later calls are served', async ({ app, context, page, site }) => {
  await hurry(context);
  site.config.vault = 'auto';
  const release = site.hold('vault.js');
  await app.open();
  await app.isSignedOut();
  assert.equal(await app.call('renew'), 'timeout');
  assert.equal(await app.failure(), 'timeout');
  release();
  await app.isSignedOut();
  const { vault, vaultFallback } = await page.evaluate(() => window.auth.state);
  assert.deepEqual([vault, vaultFallback], ['shared', null]);
});

/** Starts, calls the vault, and returns the error and the milliseconds it took. On a first visit the page does not wait for the vault to start. */
const failedStart = (page) => page.evaluate(async () => {
  const began = performance.now();
  const { code, blame, message } = await window.start().then((auth) => auth.renew()).then(() => ({}), (error) => error);
  return { code, blame, message, took: performance.now() - began };
});

if (FACE === 'pkg') {
  test('law 12: the session is in no weaker location than the app accepts', { announced: [/vault_unavailable/] }, async ({ app, context, page, site }) => {
    await without(context, ['SharedWorker', 'Worker']);
    Object.assign(site.config, { vault: 'auto', minimumVault: 'worker' });
    await app.open();
    await page.waitForFunction(() => window.start);
    // On a first visit the app learns at once that the user is signed out. The call that needs a vault fails.
    const message = await page.evaluate(() => window.start().then((auth) => auth.renew()).then(() => 'renewed', (error) => error.message));
    assert.match(message, /shared: .*SharedWorker; worker: .*\(vault_unavailable\)$/);
  });
}

/** An app whose start fails says so in the console. */
const EXPECTED_ERRORS = [/vault_unavailable/, /Failed to load resource.*404/, /Failed to fetch dynamically imported module/, /valid digest|integrity checks failed/];

test('if no vault can be started any more, pending calls fail', { announced: EXPECTED_ERRORS }, async (world) => {
  const { app, page, site } = world;
  await signedIn(world, { vault: 'shared', restore: 'none' });
  const workers = await workersOf(page);
  await askMeanwhile(page);
  const [killed] = await workers.list();
  site.spoil('vault.js', { status: 404 });
  await workers.kill(killed);
  assert.equal(await app.failure(), 'vault_unavailable');
  assert.equal(await page.evaluate(() => window.meanwhile), 'vault_unavailable');
  assert.deepEqual(await app.callApi(), ['vault_unavailable']);
});

/** The locations that need the vault's files. Without them a Rust app falls back to the page, unless its settings forbid that. */
const NEEDY = { pkg: ['auto', 'shared', 'worker', 'page'], rust: ['shared', 'worker'] }[FACE];

for (const vault of NEEDY) {
  for (const file of ['vault.js', 'vault.wasm']) {
    test(`without ${file} the start fails at once, vault location: ${vault}`, { announced: EXPECTED_ERRORS }, async ({ app, page, site }) => {
      site.config.vault = vault;
      site.spoil(file, { status: 404, type: 'text/plain' });
      await app.open();
      await page.waitForFunction(() => window.start);
      const { code, blame, message, took } = await failedStart(page);
      assert.deepEqual([code, blame], ['vault_unavailable', 'caller'], message);
      assert.ok(took < 5000, `It took ${took} ms.`);
    });
  }
}

for (const vault of ['auto', ...NEEDY.filter((home) => home !== 'auto')]) {
  test(`a vault of another version is refused with a named error, vault location: ${vault}`, { announced: EXPECTED_ERRORS }, async ({ app, page, site }) => {
    site.config.vault = vault;
    const file = await readFile(new URL('../../pkg/dist/vault.js', import.meta.url), 'utf8');
    const other = file.replaceAll(`"${version}"`, '"99.0.1"');
    assert.notEqual(other, file);
    site.spoil('vault.js', { body: other });
    await app.open();
    await page.waitForFunction(() => window.start);
    const { code, blame, message } = await failedStart(page);
    assert.deepEqual([code, blame], ['vault_unavailable', 'caller']);
    assert.ok(message.includes(version) && message.includes('99.0.1'), message);
    assert.ok(!loaded(site).includes('vault.wasm'), 'A refused page is not served first.');
  });
}
