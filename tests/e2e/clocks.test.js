// Clocks that stand still, jump, or are wrong cost at most one renewal.
import assert from 'node:assert/strict';
import { DAYS, HOURS, setWallClock, sleep, turnWallClock, wake } from './support/clock.js';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';

const { test } = stage({ app: 'pkg' });

test('after two hours of sleep a laptop makes one renewal', async (world) => {
  const { app, context, page, providerLog } = world;
  await setWallClock(context, 0);
  await app.open();
  await app.logIn(ada);
  await sleep(world, 2 * HOURS);
  await wake(page);
  await wake(page);
  await app.hasRenewed(1);
  assert.deepEqual(await app.callApi(3), [200, 200, 200]);
  assert.deepEqual(providerLog.requests('api').map(({ status }) => status), [200, 200, 200]);
  assert.equal(providerLog.tokenRequests('refresh_token').length, 1);
  assert.equal(providerLog.authorizeRequests().length, 1);
});

for (const [what, wrongBy] of [['ahead', 2 * DAYS], ['behind', -2 * DAYS]]) {
  test(`a machine whose clock is two days ${what} signs in, renews and calls`, async ({ app, context, site, watched, providerLog }) => {
    await setWallClock(context, wrongBy);
    const asked = [];
    context.on('request', (request) => { if (request.method() === 'HEAD') asked.push(request.url()); });
    await app.open();
    await app.logIn(ada);
    assert.equal(await app.call('renew'), 'done');
    assert.equal(await app.call('renew'), 'done');
    assert.deepEqual(await app.callApi(), [200]);
    assert.deepEqual(providerLog.tokenRequests().map(({ status }) => status), [200, 200, 200]);
    // The time was requested once, and only from the app's own host.
    assert.deepEqual(asked, [site.url()]);
    assert.equal(watched.navigations.filter((url) => url.includes('/callback')).length, 1);
  });
}

for (const [what, jump] of [['forward', 2 * DAYS], ['back', -2 * DAYS]]) {
  test(`a clock that is set two days ${what} ends nothing`, async ({ app, context, page, providerLog }) => {
    await setWallClock(context, 0);
    await app.open();
    await app.logIn(ada);
    await turnWallClock(page, jump);
    await wake(page);
    if (jump > 0) await app.hasRenewed(1);
    else assert.equal(await app.call('renew'), 'done');
    assert.deepEqual(await app.callApi(), [200]);
    assert.equal(providerLog.tokenRequests('refresh_token').length, 1);
  });
}

test('the state shows the clock skew', async ({ app, context }) => {
  await setWallClock(context, 2 * DAYS);
  await app.open();
  const { clockSkew } = await app.logIn(ada);
  assert.ok(Math.abs(clockSkew + 2 * DAYS) < 60, `${clockSkew}`);
});
