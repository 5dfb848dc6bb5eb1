// Unusual ways back from the provider: twice, in another tab, too late, after further logins, without storage.
// Forged and repeated callbacks are tested in `callback.test.js`.
import assert from 'node:assert/strict';
import { browser } from './support/browser.js';
import { App } from './support/app.js';
import { eventually } from './support/eventually.js';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';
import { storageFromSecondTab } from './support/storage.js';

const { test } = stage({ app: 'pkg' });

const authorizeAddresses = ({ watched }) => watched.navigations.filter((url) => url.includes('/oauth2/authorize?'));

/** Starts logins that stay on the page: the provider answers them with no page. Returns the URLs at which it was asked. */
async function begin(world, times) {
  const { app, control, providerLog } = world;
  const before = providerLog.authorizeRequests().length;
  control.addFault({ endpoint: 'authorize', status: 204, times });
  for (let login = 1; login <= times; login += 1) {
    assert.equal(await app.call('login', { tenantName: 'acme' }), 'done');
    await eventually('the departure', () => providerLog.authorizeRequests().length === before + login && providerLog.authorizeRequests().at(-1).status === 204);
  }
  await eventually('the addresses', () => authorizeAddresses(world).length === before + times);
  return authorizeAddresses(world).slice(-times);
}

/** The pending logins, as they are stored. */
async function pendingLogins({ context, site }) {
  const { databases } = await storageFromSecondTab(context, site);
  return Object.values(databases).flatMap(({ pending }) => pending);
}

test('a session started twice on the callback uses the code once', async ({ app, page, site, watched, providerLog }) => {
  site.config.starts = 2;
  await app.open();
  await app.logIn(ada);
  const states = await page.evaluate(() => window.started.map(({ state }) => state));
  assert.equal(states.length, 2);
  assert.deepEqual(states[1], states[0]);
  assert.equal(providerLog.tokenRequests().length, 1);
  assert.equal(await page.evaluate(async () => (await window.start()).state.status), 'signed-in');
  assert.deepEqual(await app.callApi(), [200]);
  assert.equal(watched.navigations.filter((url) => url.startsWith(site.url('callback'))).length, 1);
  assert.equal(providerLog.tokenRequests().length, 1);
});

test('a login started in one tab can be finished in another', async (world) => {
  const { app, newApp, page, providerLog } = world;
  await app.open('?from=here');
  await app.leave();
  await app.provider.email.waitFor();
  const other = await newApp();
  await other.page.goto(authorizeAddresses(world)[0]);
  await other.provider.signIn(ada);
  await other.isSignedIn(ada);
  assert.equal(other.page.url(), world.site.url('?from=here'));
  assert.deepEqual(await other.callApi(), [200]);

  // The first tab still shows the login page. Its login is used up, and the session is restored as on any other page.
  await app.provider.signIn(ada);
  await app.isSignedIn(ada);
  const codes = providerLog.tokenRequests().map(({ form }) => form.code);
  assert.equal(codes.length, 2);
  assert.equal(new Set(codes).size, 2);
  assert.ok(!page.url().includes('state='));
  assert.deepEqual(await other.callApi(), [200]);
});

test('a login started in one browser cannot be finished in another', async (world) => {
  const { app, site, providerLog } = world;
  await app.open();
  await app.leave();
  await app.provider.email.waitFor();
  const elsewhere = await (await browser()).newContext();
  try {
    const stranger = new App(await elsewhere.newPage(), site);
    await stranger.page.goto(authorizeAddresses(world)[0]);
    await stranger.provider.signIn(ada);
    // The provider has a session there by now, and has to show its login page nevertheless.
    await eventually('a login of that browser\'s own', () => providerLog.authorizeRequests().at(-1).query.prompt === 'login');
    await stranger.provider.email.waitFor();
    assert.deepEqual(providerLog.tokenRequests(), []);
  } finally {
    await elsewhere.close();
  }
  await app.provider.signIn(ada);
  await app.isSignedIn(ada);
  assert.equal(providerLog.tokenRequests().length, 1);
});

test('a duplicated tab is restored by one redirect, and does not affect the first', async ({ app, context, page, site, providerLog }) => {
  await app.open();
  await app.logIn(ada);
  const opened = context.waitForEvent('page');
  await page.evaluate(() => { window.open(location.href); });
  const twin = new App(await opened, site);
  await twin.isSignedIn(ada);
  assert.deepEqual(providerLog.authorizeRequests().map(({ query }) => query.prompt), [undefined, 'none']);
  const codes = providerLog.tokenRequests().map(({ form, status }) => [form.grant_type, form.code, status]);
  assert.deepEqual(codes.map(([grant, , status]) => [grant, status]), Array(2).fill(['authorization_code', 200]));
  assert.notEqual(codes[0][1], codes[1][1]);
  // Each tab has its own tokens: one's renewal does not affect the other.
  assert.equal(await twin.call('renew'), 'done');
  assert.equal(await app.call('renew'), 'done');
  assert.deepEqual([...await app.callApi(), ...await twin.callApi()], [200, 200]);
});

test('going back from the login page returns to a working app', async ({ app, page, providerLog }) => {
  await app.open('?from=here');
  await app.leave();
  await app.provider.email.waitFor();
  await page.goBack();
  assert.equal(await app.isSignedOut(), 'never-signed-in');
  assert.ok(page.url().endsWith('?from=here'));
  assert.deepEqual(providerLog.tokenRequests(), []);
  // And forward again: the login is still valid.
  await page.goForward();
  await app.provider.signIn(ada);
  await app.isSignedIn(ada);
  assert.equal(providerLog.tokenRequests().length, 1);
});

for (const [what, isSignedIn] of [['no user was', false], ['a user is', true]]) {
  test(`a page where ${what} signed in continues when restored from the cache`, { keepsPages: true }, async (world) => {
    const { app, page, watched, providerLog } = world;
    await app.open();
    if (isSignedIn) await app.logIn(ada);
    await page.evaluate(() => {
      window.shown = 'once';
      window.addEventListener('pageshow', ({ persisted }) => { window.shown = persisted ? 'from the cache' : 'anew'; });
    });
    const before = watched.navigations.length;
    await app.leave({ tenantName: 'acme', prompt: 'login' });
    await app.provider.email.waitFor();
    // Playwright would wait for a page to load.
    await page.evaluate(() => { setTimeout(() => history.back()); });
    await page.waitForFunction(() => window.shown === 'from the cache');
    assert.equal((await app.state()).status, isSignedIn ? 'signed-in' : 'signed-out');
    assert.equal(watched.navigations.slice(before).filter((url) => url.startsWith(world.site.origin)).length, 0);
    assert.equal(providerLog.tokenRequests().length, isSignedIn ? 1 : 0);
    if (isSignedIn) assert.deepEqual([await app.call('renew'), ...await app.callApi()], ['done', 200]);
    else await app.logIn(ada);
  });
}

test('a page that waited for the provider stops waiting when restored from the cache', async ({ app, control, page, providerLog }) => {
  await app.open();
  await app.logIn(ada);
  control.addFault({ endpoint: 'authorize', status: 204 });
  await page.reload();
  await eventually('the redirect', () => providerLog.authorizeRequests().length === 2);
  await app.is('loading');
  // The event of a page from the browser's cache. This page was about to be replaced, so no page leads back to it here.
  await page.evaluate(() => { window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })); });
  assert.equal(await app.isSignedOut(), 'expired');
  assert.equal(providerLog.tokenRequests().length, 1);
  await app.leave();
  await app.isSignedIn(ada);
});

test('a login that took longer than an hour has expired', async (world) => {
  const { app, context, page, site, providerLog } = world;
  await app.open();
  await app.leave();
  await app.provider.email.waitFor();
  const second = await context.newPage();
  await second.goto(site.blank);
  await second.evaluate(async () => {
    const done = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: reject }));
    const [{ name }] = await indexedDB.databases();
    const database = await done(indexedDB.open(name));
    const store = database.transaction('pending', 'readwrite').objectStore('pending');
    const [key] = await done(store.getAllKeys());
    const record = await done(store.get(key));
    await done(store.put({ ...record, createdAt: record.createdAt - 61 * 60 * 1000 }, key));
    database.close();
  });
  await second.close();
  await app.provider.signIn(ada);
  assert.equal(await app.failure(), 'state_expired');
  assert.equal(page.url(), site.url());
  assert.deepEqual(providerLog.tokenRequests(), []);
  assert.deepEqual(await pendingLogins(world), []);
});

test('of six logins the oldest is forgotten', async (world) => {
  const { app, page, providerLog } = world;
  await app.open();
  const addresses = await begin(world, 6);
  const states = addresses.map((url) => new URL(url).searchParams.get('state'));
  assert.deepEqual(new Set((await pendingLogins(world)).map(({ key }) => key.split('/').at(-1))), new Set(states.slice(1)));

  await page.goto(addresses[0]);
  await app.provider.signIn(ada);
  // It starts again, which removes the next oldest one.
  await eventually('the login again', () => providerLog.authorizeRequests().at(-1).query.prompt === 'login');
  await app.provider.email.waitFor();
  assert.deepEqual(providerLog.tokenRequests(), []);
  await page.goto(addresses[2]);
  await app.isSignedIn(ada);
  assert.equal(providerLog.tokenRequests().length, 1);
});

for (const [what, spoil] of [
  ['no database', () => { Object.defineProperty(window, 'indexedDB', { value: undefined }); }],
  ['a database that may not be opened', () => { IDBFactory.prototype.open = () => { throw new DOMException('No.', 'SecurityError'); }; }],
  ['a database that cannot be opened', () => {
    const { open } = IDBFactory.prototype;
    // The existing version is newer.
    IDBFactory.prototype.open = function openOld(name) {
      const newer = open.call(this, name, 2);
      newer.onsuccess = () => newer.result.close();
      return open.call(this, name, 1);
    };
  }],
  ['a store that is full', () => { IDBObjectStore.prototype.put = () => { throw new DOMException('Full.', 'QuotaExceededError'); }; }],
  ['a store that turns out to be full', () => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function putInVain(...record) {
      const request = put.apply(this, record);
      this.transaction.abort();
      return request;
    };
  }],
]) {
  test(`with ${what} no login is started, and the page stays`, async ({ app, context, control, page, site, watched }) => {
    await context.addInitScript(spoil);
    await app.open();
    assert.equal(await app.isSignedOut(), 'never-signed-in');
    assert.equal(await app.call('login', { tenantName: 'acme' }), 'storage_unavailable');
    assert.equal(await app.isSignedOut(), 'never-signed-in');
    assert.equal(page.url(), site.url());
    assert.deepEqual(watched.navigations, [site.url()]);
    assert.deepEqual(control.log(), []);
  });
}

test('a callback with unreadable storage ends with a message, without any request', async ({ app, context, control, page, site }) => {
  await context.addInitScript(() => { IDBFactory.prototype.open = () => { throw new DOMException('No.', 'SecurityError'); }; });
  await app.open('callback?code=made-up&state=made-up');
  assert.equal(await app.failure(), 'storage_unavailable');
  assert.equal(page.url(), site.url('callback'));
  assert.deepEqual(control.log(), []);
});

test('a page may leave as soon as it sees a session: the hint is written by then', async ({ app, context, page, providerLog }) => {
  await context.addInitScript(() => {
    const happened = [];
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function keep(...given) {
      if (this.name === 'hint') {
        this.transaction.addEventListener('complete', () => happened.push('written'));
        // Events in the meantime wait as well.
        queueMicrotask(() => { window.dispatchEvent(new Event('focus')); });
      }
      return put.apply(this, given);
    };
    // The page sets it once the user is signed in.
    Object.defineProperty(window, 'auth', { configurable: true, set(value) {
      happened.push(value.state.status);
      Object.defineProperty(window, 'auth', { value });
    } });
    window.happened = happened;
  });
  await app.open();
  await app.logIn(ada);
  assert.deepEqual(await page.evaluate(() => window.happened), ['written', 'signed-in']);
  assert.equal(providerLog.tokenRequests().length, 1);
});
