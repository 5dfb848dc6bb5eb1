// A first visit in every engine: the page itself determines that the user is signed out, and in every engine detects when it cannot.
import assert from 'node:assert/strict';
import { ada } from '../e2e/support/people.js';
import { stage } from './support/harness.js';

const { test } = stage();

/** What is stored by now, after everything that a start does at once. */
async function databases() {
  const found = (await indexedDB.databases()).map(({ name }) => name);
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => { setTimeout(resolve); });
  return found;
}

test('law 11: on a first visit the page does not wait for the vault, and gets no event when it starts', async ({ app, page, site }) => {
  site.config.vault = 'shared';
  const release = site.hold('vault.js');
  await app.open();
  assert.equal((await app.is('signed-out')).reason, 'never-signed-in');
  await page.evaluate(() => {
    window.session = window.openAtOnce({ linger: 7 });
    window.seen = [window.session.state.status];
    window.session.subscribe(({ status }) => window.seen.push(status));
  });
  await page.until(() => window.session.state.status === 'signed-out');
  release();
  assert.equal(await page.evaluate(() => window.session.renew().then(() => 'done', ({ code }) => code)), 'not_signed_in');
  assert.deepEqual(await page.evaluate(() => window.seen), ['loading', 'signed-out']);
});

test('law 8: nothing is stored for an anonymous visitor', async ({ app, page, site }) => {
  site.config.vault = 'shared';
  await app.open();
  await app.is('signed-out');
  assert.equal(await page.evaluate(() => window.auth.renew().then(() => 'done', ({ code }) => code)), 'not_signed_in');
  assert.deepEqual(await page.evaluate(databases), []);
});

// Each engine has its own message for a missing script.
test('law 10: if the vault cannot start, pending calls fail', { announced: [/./] }, async ({ app, page, site }) => {
  site.config.vault = 'shared';
  site.spoil('vault.js', { status: 404, type: 'text/plain' });
  await app.open();
  await app.is('failed');
  const error = await page.evaluate(() => window.auth.renew().then(() => undefined, ({ code, message }) => ({ code, message })));
  assert.equal(error.code, 'vault_unavailable');
  assert.match(error.message, /vault\.js was answered with status 404/);
});

test('law 10: the page refuses invalid settings', async ({ app, page, site }) => {
  site.config.vault = 'shared';
  await app.open();
  await app.is('signed-out');
  assert.equal(await page.evaluate(() => window.start({ clientId: '' }).then(() => 'started', ({ code }) => code)), 'config_invalid');
});

test('the vault decides: a running session is shown although the storage was cleared', async ({ app, newApp, page, site }) => {
  site.config.vault = 'shared';
  await app.open();
  await app.logIn(ada);
  await page.evaluate(async () => {
    for (const { name } of await indexedDB.databases()) {
      await new Promise((resolve, reject) => { Object.assign(indexedDB.deleteDatabase(name), { onsuccess: resolve, onerror: reject }); });
    }
  });
  // The first tab keeps the vault alive if nothing else does.
  const other = await newApp();
  await other.open();
  assert.equal((await other.is('signed-in')).tenantName, ada.tenant);
});

for (const path of ['login?tenant_name=acme', 'callback?error=server_error&state=y', 'callback?error=access_denied&state=y']) {
  test(`the page waits for the vault at ${path}`, async ({ app, page, site }) => {
    site.config.vault = 'shared';
    const release = site.hold('vault.js');
    await app.open(path);
    await page.until(() => Boolean(window.openAtOnce));
    await page.evaluate(() => { window.session = window.openAtOnce(); });
    await page.evaluate(databases);
    assert.equal(await page.evaluate(() => window.session.state.status), 'loading');
    release();
    await page.until(() => window.session.state.status !== 'loading');
  });
}

for (const [storage, version] of [['of another version', 99], ['with a login under way', 1]]) {
  test(`the page waits for the vault where there is a database ${storage}`, async ({ app, page, site }) => {
    site.config.vault = 'shared';
    await page.open(site.blank);
    await page.evaluate((name, number) => new Promise((resolve) => {
      const opening = indexedDB.open(name, number);
      opening.onupgradeneeded = () => { for (const store of ['pending', 'hint']) opening.result.createObjectStore(store); };
      opening.onsuccess = () => resolve(opening.result.close());
    }), `wristband-spa-auth/${site.config.clientId}`, version);
    const release = site.hold('vault.js');
    await app.open();
    await page.until(() => Boolean(window.openAtOnce));
    await page.evaluate(() => { window.session = window.openAtOnce(); });
    await page.evaluate(databases);
    assert.equal(await page.evaluate(() => window.session.state.status), 'loading');
    release();
    await page.until(() => window.session.state.status === 'signed-out');
  });
}
