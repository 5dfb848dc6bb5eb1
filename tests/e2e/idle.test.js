// Idle logout, in several tabs: activity in one counts for all, and the warning can be answered in any.
import assert from 'node:assert/strict';
import { eventually } from './support/eventually.js';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';

const { test } = stage({ app: 'pkg' });

/** Signs a user in, and opens more tabs. With a vault in each tab, the session is restored there. */
async function tabs({ app, newApp, site }, { vault = 'shared', idleLogout, count = 5 }) {
  Object.assign(site.config, { vault, idleLogout });
  await app.open();
  await app.logIn(ada);
  const all = [app];
  while (all.length < count) {
    const other = await newApp();
    await other.open();
    await other.isSignedIn(ada);
    all.push(other);
  }
  return all;
}

/** The next moment at which the state of a tab is as wanted. */
const until = (tab, wanted) => eventually(`${wanted}`, async () => wanted(await tab.state()));
const isWarned = ({ idleLogoutAt }) => idleLogoutAt !== null;
const isCalm = ({ status, idleLogoutAt }) => status === 'signed-in' && idleLogoutAt === null;
const isIdle = ({ status, reason }) => status === 'signed-out' && reason === 'idle';

/** The user moves the pointer over a tab, for this many milliseconds. */
async function move({ page }, milliseconds) {
  for (const end = performance.now() + milliseconds; performance.now() < end;) {
    await page.mouse.move(Math.random() * 300, Math.random() * 300);
    await page.waitForTimeout(100);
  }
}

for (const vault of ['shared', 'worker']) {
  test(`${vault} vault: a user who is active in one of five tabs keeps the session in all, and all end together`, async (world) => {
    const all = await tabs(world, { vault, idleLogout: { after: 6 } });
    await move(all[2], 13_000);
    for (const tab of all) assert.equal((await tab.state()).status, 'signed-in');
    await Promise.all(all.map((tab) => until(tab, isIdle)));
    const { providerLog, page } = world;
    assert.ok(providerLog.requests('revoke').length >= 1);
    assert.equal(providerLog.requests('logout').length, 0, 'no tab is redirected');
    const leaving = page.waitForRequest(/prompt=login/);
    await all[0].leave();
    await leaving;
  });

  test(`${vault} vault: the warning is answered in another tab`, async (world) => {
    const all = await tabs(world, { vault, idleLogout: { after: 12, warn: 9 } });
    await Promise.all(all.map((tab) => until(tab, isWarned)));
    const [{ idleLogoutAt }] = await Promise.all(all.map((tab) => tab.state()));
    await all[1].page.mouse.move(10, 10);
    await all[1].page.mouse.move(50, 50);
    assert.equal((await all[1].state()).idleLogoutAt, idleLogoutAt, 'a moving pointer is no answer');
    assert.equal(await all[3].call('stay'), 'done');
    await Promise.all(all.map((tab) => until(tab, isCalm)));
    await Promise.all(all.map((tab) => until(tab, isWarned)));
    assert.equal(await all[3].call('stay'), 'done');
  });
}

test('sleep: a page that wakes up too late has no session, whatever happens first', async ({ app, page, site }) => {
  Object.assign(site.config, { vault: 'page', idleLogout: { after: 600 } });
  await page.clock.install();
  await app.open();
  await app.logIn(ada);
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1000));
  // Timers do not run while a machine sleeps.
  await page.clock.setSystemTime(await page.evaluate(() => Date.now() + 601_000));
  assert.deepEqual(await app.callApi(), ['not_signed_in']);
  assert.equal((await app.state()).reason, 'idle');
});

test('a session that ended as idle stays ended after a reload', async (world) => {
  const [app] = await tabs(world, { idleLogout: { after: 2 }, count: 1 });
  await until(app, isIdle);
  const { page, providerLog } = world;
  const before = providerLog.authorizeRequests().length;
  await page.reload();
  assert.equal(await app.isSignedOut(), 'idle');
  assert.equal(providerLog.authorizeRequests().length, before);
});
