// A session under provider failures, without a network, and with many calls at once. Only a definitive refusal ends it.
import assert from 'node:assert/strict';
import { HOURS, setWallClock, sleep, wake } from './support/clock.js';
import { eventually } from './support/eventually.js';
import { holdTokens, isTokenRequest, stage } from './support/harness.js';
import { ada, hank } from './support/people.js';
import { storageOf } from './support/storage.js';

const { test } = stage({ app: 'pkg' });
const refused = (status) => new RegExp(`Failed to load resource.*\\b${status}\\b`);
const cutOff = /Failed to load resource: net::ERR_/;

/** Signs a user in on a page whose clock the test controls. */
async function underClock({ app, page }) {
  await page.clock.install();
  await app.open();
  await app.logIn(ada);
}

/** From here on the test controls the time, whatever the load of the machine. The clock cannot be paused at a moment that has passed. */
async function stopTheClock(page) {
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 3000));
}

/** Lets time pass second by second. What a second starts is over before the next one. */
async function pass(page, seconds, everySecond = () => {}) {
  for (let second = 0; second < seconds; second += 1) {
    await page.clock.runFor(1000);
    await page.waitForFunction(() => !window.auth.state.renewing);
    await everySecond();
  }
}

test('a minute of 503 costs a few requests and no session', { announced: [refused(503)] }, async (world) => {
  const { app, control, page, providerLog } = world;
  await underClock(world);
  control.addFault({ endpoint: 'token', grant: 'refresh_token', status: 503, times: 999 });
  await stopTheClock(page);
  await page.clock.fastForward(1740 * 1000);
  await page.waitForFunction(() => window.auth?.state.renewalError?.code === 'provider_unavailable');
  // The token is valid for most of another minute, and the app uses it all the time.
  await pass(page, 50, async () => assert.deepEqual(await app.callApi(), [200]));
  const inAMinute = providerLog.tokenRequests('refresh_token').length;
  assert.ok(inAMinute >= 4 && inAMinute <= 8, `${inAMinute} requests`);
  // Now it has expired. Calls fail, and do not add load: all of them share one attempt, if one is due.
  await pass(page, 15);
  const before = providerLog.tokenRequests('refresh_token').length;
  assert.deepEqual(new Set(await app.callApi(100)), new Set(['provider_unavailable']));
  const after = providerLog.tokenRequests('refresh_token').length;
  assert.ok(after - before <= 1, `${after - before} requests`);

  control.clearFaults();
  await page.clock.fastForward(60 * 1000);
  await app.hasRenewed(1);
  assert.deepEqual(await app.callApi(), [200]);
  assert.deepEqual([...new Set(await page.evaluate(() => window.statuses))], ['signed-in']);
  assert.equal(providerLog.tokenRequests('refresh_token').length, after + 1);
  assert.equal(new Set(providerLog.tokenRequests('refresh_token').map(({ form }) => form.refresh_token)).size, 1);
  assert.equal(providerLog.authorizeRequests().length, 1);
});

test('a provider’s Retry-After is respected, even on explicit calls', { announced: [refused(429)] }, async (world) => {
  const { app, page, site, providerLog } = world;
  await underClock(world);
  let asked = 0;
  const busy = (route) => {
    asked += 1;
    return route.fulfill({
      status: 429,
      headers: { 'Access-Control-Allow-Origin': site.origin, 'Access-Control-Expose-Headers': 'Retry-After', 'Retry-After': '40' },
    });
  };
  await stopTheClock(page);
  await page.route(isTokenRequest, busy);
  assert.equal(await app.call('renew'), 'provider_unavailable');
  await page.unroute(isTokenRequest, busy);
  await pass(page, 38, async () => assert.equal(await app.call('renew'), 'provider_unavailable'));
  assert.deepEqual([asked, providerLog.tokenRequests('refresh_token').length], [1, 0]);
  await page.clock.runFor(3000);
  assert.equal(await app.call('renew'), 'done');
  assert.equal(providerLog.tokenRequests('refresh_token').length, 1);
});

test('a lost rotation that the provider tolerates needs no redirect', { announced: [cutOff] }, async ({ app, control, providerLog }) => {
  control.patchSettings({ reuseGraceSeconds: 60 });
  await app.open();
  await app.logIn(ada);
  control.addFault({ endpoint: 'token', grant: 'refresh_token', drop: 'after' });
  assert.equal(await app.call('renew'), 'network');
  assert.equal(await app.call('renew'), 'done');
  const [first, second, ...more] = providerLog.tokenRequests('refresh_token').map(({ form }) => form.refresh_token);
  assert.equal(first, second);
  assert.deepEqual(more, []);
  assert.equal(providerLog.authorizeRequests().length, 1);
});

test('a lost rotation is repaired by one automatic redirect', { announced: [cutOff, refused(400)] }, async (world) => {
  const { app, control, page, site, providerLog } = world;
  await underClock(world);
  control.addFault({ endpoint: 'token', grant: 'refresh_token', drop: 'after' });
  await stopTheClock(page);
  await page.clock.fastForward(1740 * 1000);
  await page.waitForFunction(() => window.auth?.state.renewalError?.code === 'network');
  await page.clock.runFor(1000);
  await eventually('the redirect', () => providerLog.authorizeRequests().length === 2);
  await app.isSignedIn(ada);
  assert.equal(page.url(), site.url());
  assert.deepEqual(providerLog.tokenRequests('refresh_token').map(({ status }) => status), [null, 400]);
  assert.deepEqual(providerLog.authorizeRequests().map(({ query }) => query.prompt), [undefined, 'none']);
  assert.equal(await app.call('renew'), 'done');
});

test('100 calls with an expired token make one token request', async (world) => {
  const { app, context, providerLog } = world;
  await setWallClock(context, 0);
  await app.open();
  await app.logIn(ada);
  await sleep(world, 2 * HOURS);
  assert.deepEqual(await app.callApi(100), Array(100).fill(200));
  assert.equal(providerLog.tokenRequests('refresh_token').length, 1);
  assert.equal(providerLog.requests('api').length, 100);
});

test('100 calls refused by the API make one token request', { announced: [refused(401)] }, async ({ app, control, providerLog }) => {
  await app.open();
  await app.logIn(ada);
  // Only the API knows that the token has expired.
  control.addFault({ endpoint: 'api', status: 401, times: 100 });
  assert.deepEqual(await app.callApi(100), Array(100).fill(200));
  assert.equal(providerLog.tokenRequests('refresh_token').length, 1);
  assert.equal(providerLog.requests('api').length, 200);
});

test('a renewal due while offline waits for the network, without a redirect', { announced: [/Failed to load resource/] }, async (world) => {
  const { app, context, page, watched, providerLog } = world;
  await setWallClock(context, 0);
  await app.open();
  await app.logIn(ada);
  const before = watched.navigations.length;
  await context.setOffline(true);
  await page.waitForFunction(() => window.auth.state.offline);
  await sleep(world, 2 * HOURS);
  await wake(page);
  assert.equal(await app.call('renew'), 'offline');
  assert.deepEqual(await app.callApi(2), ['offline', 'offline']);
  assert.equal(await app.call('login', { tenantName: 'acme' }), 'offline');
  assert.equal((await app.state()).status, 'signed-in');
  assert.deepEqual(providerLog.tokenRequests('refresh_token'), []);

  await context.setOffline(false);
  await app.hasRenewed(1);
  assert.deepEqual(await app.callApi(), [200]);
  assert.equal(providerLog.tokenRequests('refresh_token').length, 1);
  assert.equal(watched.navigations.length, before);
});

test('the state shows whether the device is offline', async ({ app, context, page }) => {
  await app.open();
  await app.logIn(ada);
  assert.equal((await app.state()).offline, false);
  await context.setOffline(true);
  await page.waitForFunction(() => window.auth.state.offline);
  await context.setOffline(false);
  await page.waitForFunction(() => !window.auth.state.offline);
});

test('a logout while offline stays on the page, and is finished online', async ({ app, context, page, site, watched, providerLog }) => {
  await app.open();
  await app.logIn(ada);
  const token = providerLog.lastRefreshToken();
  const before = watched.navigations.length;
  await context.setOffline(true);
  await page.waitForFunction(() => window.auth.state.offline);
  assert.equal(await app.call('logout'), 'done');
  assert.equal(await app.isSignedOut(), 'signed-out');
  assert.deepEqual(await app.callApi(), ['not_signed_in']);
  // The provider was not told, so its session may live on: the next login asks for the password.
  await eventually('a hint that names no user', async () => Object.values((await storageOf(page)).databases).every(({ hint }) => hint.every(({ value }) => value.over && !value.user)));
  assert.deepEqual(providerLog.requests('revoke'), []);

  await context.setOffline(false);
  await eventually('the revocation', () => providerLog.requests('revoke').some(({ form, status }) => form.token === token && status === 200));
  assert.equal((await providerLog.tryRefreshToken(token)).error, 'invalid_grant');
  assert.equal(page.url(), site.url());
  assert.equal(watched.navigations.length, before);
});

test('a logout during a renewal is not undone by the late response', async ({ app, control, page, providerLog }) => {
  await app.open();
  await app.logIn(ada);
  // With this response the browser stays on the page.
  control.addFault({ endpoint: 'logout', status: 204 });
  const answer = await holdTokens(page);
  const renewal = app.call('renew');
  await answer.arrived;
  const [old, late] = control.issued().refreshTokens;
  assert.ok(late);
  assert.equal(await app.call('logout'), 'done');
  assert.equal(await renewal, 'not_signed_in');
  await answer.release();
  await eventually('both revocations', () => providerLog.requests('revoke').filter(({ status }) => status === 200).length === 2);
  assert.deepEqual(providerLog.requests('revoke').map(({ form }) => form.token), [old, late]);
  assert.equal(await app.isSignedOut(), 'signed-out');
  assert.ok(!(await page.evaluate(() => window.statuses)).slice(-1).includes('signed-in'));
  assert.equal((await providerLog.tryRefreshToken(late)).error, 'invalid_grant');
});

test("another tenant's session in another tab outlives a logout", async ({ app, newApp, page, providerLog }) => {
  const [other, third] = [await newApp(), await newApp()];
  for (const tab of [app, other, third]) await tab.open();
  await app.logIn(ada);
  await other.logIn(hank);
  await third.leave({ tenantName: 'acme' });
  await third.isSignedIn(ada);
  await page.evaluate(() => { window.isTheSamePage = true; });
  assert.equal(await third.call('logout'), 'done');
  // That user's other tab shows that the logout has reached it.
  assert.equal(await app.isSignedOut(), 'signed-out');
  assert.equal((await other.state()).tenantName, 'globex');
  assert.deepEqual(await other.callApi(), [200]);
  assert.equal(await other.call('renew'), 'done');
  assert.ok(await page.evaluate(() => window.isTheSamePage));
  assert.deepEqual(providerLog.tokenRequests().map(({ status }) => status), Array(4).fill(200));
});
