// The demo from login to logout, in every engine, under the headers of its build.
import assert from 'node:assert/strict';
import { ada } from '../e2e/support/people.js';
import { stage } from './support/harness.js';

const { test } = stage({ app: 'demo' });

/** What the drawing says about where the session runs. */
const HOMES = { shared: 'Vault, in a SharedWorker', worker: 'Vault, in a Worker', page: 'Vault, in this page' };

for (const home of ['auto', 'worker', 'page']) {
  test(`login, use and logout, vault location: ${home}`, async ({ app: demo, page, site, providerLog }) => {
    site.config.vault = home;
    await demo.open();
    await demo.isSignedOut();
    await demo.logIn(ada);
    assert.equal(await page.url(), site.url());
    await demo.shows('Where the tokens are', HOMES[home === 'auto' ? 'shared' : home]);
    await demo.shows('User info', 'Ada Lovelace');
    await demo.press('Renew now');
    await demo.shows('Session', 'Once');
    assert.equal(providerLog.tokenRequests('refresh_token').length, 1);
    await demo.press('Call API');
    await demo.shows('API', '"sub"');
    await demo.logOut();
    assert.equal(providerLog.requests('logout').length, 1);
  });
}

test('a reload finds the running session, or restores it by one redirect', async ({ app: demo, engine, page, providerLog }) => {
  await demo.open();
  await demo.isSignedOut();
  await demo.logIn(ada);
  await page.evaluate(() => { window.isLeft = true; });
  await page.reload();
  await page.until(() => !window.isLeft);
  await demo.isSignedIn(ada);
  // Firefox and WebKit may end a shared worker with its only page.
  const logins = providerLog.authorizeRequests().length;
  assert.ok(logins === 1 || (engine !== 'chromium' && logins === 2), `${logins} requests to authorize`);
  assert.equal(providerLog.tokenRequests('refresh_token').length, 0);
});

test('a second tab is signed in at once, and follows the logout', async ({ app: demo, newApp, providerLog }) => {
  await demo.open();
  await demo.isSignedOut();
  await demo.logIn(ada);
  const other = await newApp();
  await other.open();
  await other.isSignedIn(ada);
  assert.equal(providerLog.tokenRequests().length, 1);
  await other.logOut();
  await demo.isSignedOut();
});

test('a forged callback is refused, and the session continues', async ({ app: demo, page, site, providerLog }) => {
  await demo.open();
  await demo.isSignedOut();
  await demo.open('callback?error=access_denied&state=forged-state-of-some-length');
  await page.until(() => document.querySelector('[role=alert]')?.innerText.includes('state_unknown'));
  assert.equal(new URL(await page.url()).search, '');
  assert.equal(providerLog.tokenRequests().length, 0);
  await demo.open();
  await demo.isSignedOut();
  await demo.logIn(ada);
  assert.equal(await page.url(), site.url());
});
