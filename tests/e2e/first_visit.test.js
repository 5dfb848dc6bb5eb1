// A first visit: the page reports that the user is signed out while the vault is still loading. And when it must not.
import assert from 'node:assert/strict';
import { workersOf } from './support/devtools.js';
import { eventually } from './support/eventually.js';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';

const { test } = stage({ app: 'pkg' });

/** Runs in the page: what is stored by now, after everything that a start does at once. */
async function databases() {
  const names = (await indexedDB.databases()).map(({ name }) => name);
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => { setTimeout(resolve); });
  return names;
}

/** Starts a session on the page, and returns every state that a listener receives. `window.session` is the session. */
const watchStates = (page, more = {}) => page.evaluate((settings) => {
  window.session = window.openAtOnce(settings);
  window.seen = [window.session.state.status];
  window.session.subscribe(({ status }) => window.seen.push(status));
}, more);

const call = (page, name) => page.evaluate((method) => window.session[method]().then(() => 'done', ({ code }) => code), name);

test('law 11: on a first visit the page does not wait for the vault, however slowly it starts', async (world) => {
  const { app, page, site } = world;
  site.config.vault = 'auto';
  const release = site.hold('vault.js');
  await app.open();
  assert.equal(await app.isSignedOut(), 'never-signed-in');
  assert.deepEqual(site.requests.filter(({ name }) => name === 'vault.wasm'), []);
  // Calls in the meantime wait for the vault. A slow vault is no reason to choose another location.
  const asked = app.call('renew');
  release();
  assert.equal(await asked, 'not_signed_in');
  const { vault, vaultFallback } = await app.logIn(ada);
  assert.deepEqual([vault, vaultFallback], ['shared', null]);
});

test('law 8: nothing is stored for an anonymous visitor', async ({ app, page, site }) => {
  site.config.vault = 'shared';
  await app.open();
  assert.equal(await app.call('renew'), 'not_signed_in');
  assert.deepEqual(await page.evaluate(databases), []);
  await page.reload();
  assert.equal(await app.isSignedOut(), 'never-signed-in');
});

test('the vault confirms the state that the page has shown, without an event', async ({ app, page, site }) => {
  site.config.vault = 'shared';
  const release = site.hold('vault.js');
  await app.open();
  await page.waitForFunction(() => window.openAtOnce);
  await watchStates(page, { linger: 7 });
  await page.waitForFunction(() => window.session.state.status === 'signed-out');
  release();
  assert.equal(await call(page, 'renew'), 'not_signed_in');
  assert.deepEqual(await page.evaluate(() => window.seen), ['loading', 'signed-out']);
});

const EXPECTED_ERRORS = [/Failed to load resource/, /vault_unavailable/];

test('law 10: if the vault cannot start, pending calls fail, whatever state the page has shown', { announced: EXPECTED_ERRORS }, async ({ app, page, site }) => {
  site.config.vault = 'shared';
  site.spoil('vault.js', { status: 404, type: 'text/plain' });
  await app.open();
  await page.waitForFunction(() => window.openAtOnce);
  await watchStates(page, { linger: 7 });
  assert.equal(await call(page, 'renew'), 'vault_unavailable');
  const [status, code, message] = await page.evaluate(() => {
    const { status: now, error } = window.session.state;
    return [now, error.code, error.message];
  });
  assert.deepEqual([status, code], ['failed', 'vault_unavailable']);
  assert.match(message, /vault\.js was answered with status 404/);
  assert.equal(await call(page, 'renew'), 'vault_unavailable', 'Later calls get the same error.');
});

test('law 11: a vault delayed by the network is loaded again, in no weaker location', { announced: EXPECTED_ERRORS }, async ({ app, site }) => {
  site.config.vault = 'auto';
  site.spoil('vault.js', { status: 503, type: 'text/plain' });
  await app.open();
  assert.equal(await app.isSignedOut(), 'never-signed-in');
  const asked = app.call('renew');
  await eventually('a request for the vault', () => site.requests.some(({ name }) => name === 'vault.js'));
  site.heal('vault.js');
  assert.equal(await asked, 'not_signed_in');
  const { vault, vaultFallback } = await app.logIn(ada);
  assert.deepEqual([vault, vaultFallback], ['shared', null]);
});

test('law 11: a vault killed after the page has shown its state is replaced', async ({ app, page, site }) => {
  site.config.vault = 'shared';
  await app.open();
  assert.equal(await app.call('renew'), 'not_signed_in');
  const workers = await workersOf(page);
  const [killed] = await workers.list();
  await workers.kill(killed);
  await eventually('another vault', async () => (await workers.list()).some(({ targetId }) => targetId !== killed.targetId));
  await app.isSignedOut();
  assert.equal((await app.logIn(ada)).vault, 'shared');
});

/** What is known to be wrong without the vault. */
const WRONG = [
  { clientId: '' }, { issuer: 'https://provider.example' }, { applicationVanityDomain: null }, { redirectUri: 'http://app.example/callback' },
  { clientId: 7 }, { issuer: 'provider.example', applicationVanityDomain: null },
];

test('law 10: the page refuses invalid settings before it reports that the user is signed out', async ({ app, page, site }) => {
  site.config.vault = 'shared';
  const release = site.hold('vault.js');
  await app.open();
  await page.waitForFunction(() => window.start);
  const codes = await page.evaluate((all) => Promise.all(all.map((more) => window.start(more).then(() => 'started', ({ code }) => code))), WRONG);
  assert.deepEqual(codes, WRONG.map(() => 'config_invalid'));
  release();
});

test('law 10: a setting that only the vault finds invalid fails the pending calls', { announced: [/config_invalid/] }, async ({ app, page, site }) => {
  site.config.vault = 'shared';
  await app.open();
  await page.waitForFunction(() => window.start);
  // The Rust library has read all settings before it starts.
  const code = await page.evaluate(() => window.start({ linger: 301 }).then((auth) => auth.renew()).catch((error) => error.code));
  assert.equal(code, 'config_invalid');
});

test('the vault decides: a running session is shown although the storage was cleared', async ({ app, page, site }) => {
  site.config.vault = 'shared';
  await app.open();
  await app.logIn(ada);
  await page.evaluate(async () => {
    for (const { name } of await indexedDB.databases()) {
      await new Promise((resolve, reject) => { Object.assign(indexedDB.deleteDatabase(name), { onsuccess: resolve, onerror: reject }); });
    }
  });
  await page.reload();
  await app.isSignedIn(ada);
  assert.deepEqual(await app.callApi(), [200]);
});

/** Cases in which the page cannot know: how it is opened, and what it does before. */
const UNKNOWN = {
  'the login route': { path: 'login?tenant_name=acme' },
  'a callback': { path: 'callback?error=access_denied&state=y' },
  'a refusal of the provider': { path: 'callback?error=access_denied&state=y' },
  'a database of another version': {
    before: (name) => new Promise((resolve) => { indexedDB.open(name, 99).onsuccess = ({ target }) => resolve(target.result.close()); }),
  },
  'a storage that does not answer': { script: () => { IDBFactory.prototype.databases = () => new Promise(() => {}); } },
  'a storage that refuses': { script: () => { IDBFactory.prototype.databases = async () => { throw new DOMException('', 'SecurityError'); }; } },
  'a browser that cannot tell': { script: () => { delete IDBFactory.prototype.databases; } },
};

for (const [name, { path = '', before, script }] of Object.entries(UNKNOWN)) {
  test(`the page waits for the vault with ${name}`, async ({ app, context, page, site }) => {
    site.config.vault = 'shared';
    if (before) {
      await page.goto(site.blank);
      await page.evaluate(before, `wristband-spa-auth/${site.config.clientId}`);
    }
    if (script) await context.addInitScript(script);
    const release = site.hold('vault.js');
    await app.open(path);
    await page.waitForFunction(() => window.openAtOnce);
    await watchStates(page);
    if (!script) await page.evaluate(databases);
    await page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 50); }));
    assert.deepEqual(await page.evaluate(() => window.seen), ['loading']);
    release();
    await page.waitForFunction(() => window.session.state.status !== 'loading');
  });
}

test('the page waits for the vault during a login', async ({ app, page, site }) => {
  site.config.vault = 'shared';
  await app.open();
  await app.leave();
  await app.provider.email.waitFor();
  const workers = await workersOf(page);
  for (const worker of await workers.list()) await workers.kill(worker);
  const release = site.hold('vault.js');
  await app.open();
  await page.waitForFunction(() => window.openAtOnce);
  await watchStates(page);
  await page.evaluate(databases);
  assert.deepEqual(await page.evaluate(() => window.seen), ['loading']);
  release();
  assert.equal(await app.isSignedOut(), 'never-signed-in');
});
