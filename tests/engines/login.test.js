// A session from start to end, in every engine and every vault location, under the strictest policy.
import assert from 'node:assert/strict';
import { ada } from '../e2e/support/people.js';
import { stage } from './support/harness.js';

const { test } = stage();

/** Where the vault runs if the app does not choose. */
const FIRST = { chromium: 'shared', firefox: 'shared', webkit: 'shared' };

for (const home of ['auto', 'worker', 'page']) {
  test(`login, renewal and logout, vault location: ${home}`, async (world) => {
    const { app, engine, page, site, providerLog } = world;
    site.config.vault = home;
    await app.open();
    await app.is('signed-out');

    const { tenantName, vault } = await app.logIn(ada);
    assert.equal(tenantName, ada.tenant);
    assert.equal(vault, home === 'auto' ? FIRST[engine] : home);
    assert.equal(await page.url(), site.url());

    const { status, body } = await app.callApi();
    assert.equal(status, 200);
    assert.ok(body.sub);
    assert.equal((await page.evaluate(() => window.auth.userInfo())).email, ada.email);

    await app.renew();
    assert.equal((await app.state()).renewals, 1);
    assert.equal(providerLog.tokenRequests('refresh_token').length, 1);
    assert.equal((await app.callApi()).status, 200);

    await app.logOut();
    assert.equal(providerLog.requests('logout').length, 1);
  });
}

for (const home of ['auto', 'page']) {
  test(`request and response bodies arrive, vault location: ${home}`, async ({ app, page, site, providerLog }) => {
    site.config.vault = home;
    await app.open();
    await app.logIn(ada);
    await page.evaluate(() => {
      const url = new URL('echo', window.apiUrl);
      window.echo = async (body, headers) => {
        const response = await window.auth.fetch(url, { method: 'POST', body, headers, duplex: 'half' });
        return { received: (await response.json()).received, isHere: response.url === url.href };
      };
    });
    const json = await page.evaluate(() => window.echo('{"a":"\u00fc"}', { 'Content-Type': 'application/json' }));
    assert.deepEqual(json, { received: { a: '\u00fc' }, isHere: true });
    const form = await page.evaluate(() => window.echo(new URLSearchParams({ a: 'b' })));
    assert.deepEqual(form.received, { a: 'b' });

    // A body that is aborted while it is read ends with the app's own reason.
    const reason = await page.evaluate(async () => {
      const stop = new AbortController();
      const { body } = await window.auth.fetch(window.apiUrl, { signal: stop.signal });
      stop.abort('enough');
      return body.getReader().read().then(() => 'read', (error) => error);
    });
    assert.equal(reason, 'enough');
    assert.ok(providerLog.tokenRequests().length === 1);
  });
}

test('a stream body arrives, whether or not the engine can send streams', async ({ app, engine, page, site }) => {
  // Chromium sends streams only over HTTP/2, which the provider's API does not support.
  if (engine === 'chromium') return;
  site.config.vault = 'auto';
  await app.open();
  await app.logIn(ada);
  const received = await page.evaluate(async () => {
    const body = new Blob(['{"a":', '1}']).stream();
    const init = { method: 'POST', body, duplex: 'half', headers: { 'Content-Type': 'application/json' } };
    return (await (await window.auth.fetch(new URL('echo', window.apiUrl), init)).json()).received;
  });
  assert.deepEqual(received, { a: 1 });
});

test('two tabs share one session, which outlives the first tab', async ({ app, engine, newApp, page, site, providerLog }) => {
  site.config.vault = 'auto';
  await app.open();
  await app.logIn(ada);
  const other = await newApp();
  await other.open();
  await other.is('signed-in');
  assert.equal(providerLog.tokenRequests().length, 1);
  await other.page.evaluate(() => { window.isTheSamePage = true; });
  await page.close();
  if (engine === 'webkit') {
    // It restarts a shared worker when the tab is gone that had started it. The page does not redirect without asking the user.
    assert.equal((await other.is('signed-out')).reason, 'expired');
    assert.equal(await other.page.evaluate(() => window.isTheSamePage), true);
    await other.page.evaluate(() => { window.auth.login({ tenantName: 'acme' }); });
    await other.page.until(() => !window.isTheSamePage && window.auth?.state.status === 'signed-in');
  }
  await other.page.until(() => window.auth.renew().then(() => true, () => false));
  assert.equal((await other.callApi()).status, 200);
  assert.equal(providerLog.authorizeRequests().length, engine === 'webkit' ? 2 : 1);
  await other.logOut();
});
