// After a reload: the tokens are gone, and one redirect restores the session, or there is no redirect.
import assert from 'node:assert/strict';
import { eventually } from './support/eventually.js';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';
import { storageOf } from './support/storage.js';

const { test } = stage();

test('a reload restores the session with one redirect, without a page in between', async ({ control, demo, page, site, watched, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  control.clearLog();
  const before = watched.navigations.length;
  await page.reload();
  await demo.isSignedIn(ada);
  assert.deepEqual(providerLog.authorizeRequests().map(({ query }) => query.prompt), ['none']);
  assert.deepEqual(providerLog.requests('login'), []);
  assert.equal(providerLog.tokenRequests().length, 1);
  // The reload, the way there, and the way back.
  const paths = watched.navigations.slice(before).map((url) => url.split('?')[0]);
  assert.deepEqual(paths, [site.url(), paths[1], site.url('callback')]);
  await demo.isAt('/');
  assert.match(await demo.callApi(), /ada@acme\.example/);
});

test('a reload of another page returns to that page, with query and fragment', async ({ demo, page, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  await demo.open('about?view=all#x');
  await demo.isSignedIn(ada);
  await demo.isAt('/about?view=all#x');
  await page.getByRole('heading', { name: 'What is checked' }).waitFor();
  await page.reload();
  await demo.isSignedIn(ada);
  await demo.isAt('/about?view=all#x');
  await page.getByRole('heading', { name: 'What is checked' }).waitFor();
  assert.deepEqual(providerLog.authorizeRequests().map(({ query }) => query.prompt), [undefined, 'none', 'none']);
});

test("with the provider's session ended there is one redirect, and no other at the next reload", async ({ control, demo, page, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  control.endSessions();
  control.clearLog();
  await demo.open('about?view=all#x');
  await demo.isSignedOut();
  await demo.isAt('/about?view=all#x');
  assert.deepEqual(providerLog.authorizeRequests().map(({ query }) => query.prompt), ['none']);
  assert.deepEqual(providerLog.tokenRequests(), []);
  assert.equal(await page.getByRole('alert').count(), 0);
  await eventually('the hint to go', async () => Object.values((await storageOf(page)).databases).every(({ hint }) => hint.length === 0));

  await page.reload();
  await demo.isSignedOut();
  assert.equal(providerLog.authorizeRequests().length, 1);
  assert.deepEqual(Object.values((await storageOf(page)).databases), [{ hint: [], pending: [] }]);
});

test('an anonymous visitor is not redirected, and causes no request', async ({ control, demo, page, site, watched }) => {
  for (const place of ['', 'about', '?from=mail#inbox']) {
    await demo.open(place);
    await demo.isSignedOut();
    await page.reload();
    await demo.isSignedOut();
  }
  assert.deepEqual(control.log(), []);
  assert.equal(watched.navigations.length, 6);
  assert.deepEqual(watched.navigations.filter((url) => !url.startsWith(site.origin)), []);
});

test('after a logout a reload makes no redirect', async ({ control, demo, page, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  await demo['Log out'].click();
  await demo.isBackFrom('acme');
  await demo.isSignedOut();
  assert.equal(providerLog.requests('logout').length, 1);
  control.clearLog();
  await page.reload();
  await demo.isSignedOut();
  assert.deepEqual(control.log(), []);
});

test('with restore off a reload ends the session, without a redirect', async ({ control, demo, page, site }) => {
  site.config.restore = 'none';
  await demo.open();
  await demo.logIn(ada);
  // It is requested after a sign-in, and is not part of the reload.
  await demo.userInfo.getByText(ada.email).first().waitFor();
  control.clearLog();
  await page.reload();
  await demo.isSignedOut();
  assert.deepEqual(control.log(), []);
});

test('a restoration that never succeeds is no loop', { announced: [/Failed to load resource.*400/] }, async ({ control, demo, page, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  control.clearLog();
  control.addFault({ endpoint: 'token', status: 400, times: 99 });
  for (let reload = 0; reload < 5; reload += 1) {
    await page.reload();
    await demo.alerts('provider_rejected');
  }
  // Enough for a minute.
  for (let reload = 0; reload < 2; reload += 1) {
    await page.reload();
    await demo.isSignedOut();
    assert.equal(await page.getByRole('alert').count(), 0);
  }
  assert.equal(providerLog.authorizeRequests().length, 5);
  // The user can still log in manually.
  control.clearFaults();
  await demo.leave({ tenant: 'acme' });
  await demo.isSignedIn(ada);
});

test('two tabs are restored independently', async ({ demo, newDemo, page, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  const other = await newDemo();
  await other.open('about');
  await other.isSignedIn(ada);
  await page.reload();
  await demo.isSignedIn(ada);
  assert.deepEqual(providerLog.authorizeRequests().map(({ query }) => query.prompt), [undefined, 'none', 'none']);
  assert.deepEqual(providerLog.tokenRequests().filter(({ status }) => status !== 200), []);
});
