// A session from its begin to its end, in every engine and from every home of the vault, under the strictest policy.
import assert from 'node:assert/strict';
import { ada } from '../e2e/support/people.js';
import { stage } from './support/harness.js';

const { test } = stage();

/** Where the vault is when the app does not say where it has to be. */
const FIRST = { chromium: 'shared', firefox: 'shared', webkit: 'shared' };

for (const home of ['auto', 'worker', 'page']) {
  test(`a session begins with a login, is renewed, and ends with a logout, with the vault: ${home}`, async (world) => {
    const { app, engine, page, site, witness } = world;
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
    assert.equal(witness.tokenRequests('refresh_token').length, 1);
    assert.equal((await app.callApi()).status, 200);

    await app.logOut();
    assert.equal(witness.requests('logout').length, 1);
  });
}

for (const home of ['auto', 'page']) {
  test(`bodies go to the API and come back, with the vault: ${home}`, async ({ app, page, site, witness }) => {
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

    // What is given up while it is read ends with the app's own reason.
    const reason = await page.evaluate(async () => {
      const stop = new AbortController();
      const { body } = await window.auth.fetch(window.apiUrl, { signal: stop.signal });
      stop.abort('enough');
      return body.getReader().read().then(() => 'read', (error) => error);
    });
    assert.equal(reason, 'enough');
    assert.ok(witness.tokenRequests().length === 1);
  });
}

test('a body that is a stream arrives, where the engine sends streams and where it does not', async ({ app, engine, page, site }) => {
  // Chromium sends streams over HTTP/2 alone, which the provider's API does not speak.
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

test('two tabs share one session, which outlives the first of them', async ({ app, engine, newApp, page, site, witness }) => {
  site.config.vault = 'auto';
  await app.open();
  await app.logIn(ada);
  const other = await newApp();
  await other.open();
  await other.is('signed-in');
  assert.equal(witness.tokenRequests().length, 1);
  await other.page.evaluate(() => { window.isTheSamePage = true; });
  await page.close();
  if (engine === 'webkit') {
    // It starts a shared worker anew when the tab is gone that had started it. The user is asked before the page is sent away.
    assert.equal((await other.is('signed-out')).reason, 'expired');
    assert.equal(await other.page.evaluate(() => window.isTheSamePage), true);
    await other.page.evaluate(() => { window.auth.login({ tenantName: 'acme' }); });
    await other.page.until(() => !window.isTheSamePage && window.auth?.state.status === 'signed-in');
  }
  await other.page.until(() => window.auth.renew().then(() => true, () => false));
  assert.equal((await other.callApi()).status, 200);
  assert.equal(witness.authorizeRequests().length, engine === 'webkit' ? 2 : 1);
  await other.logOut();
});
