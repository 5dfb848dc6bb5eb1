// The cost of each operation in requests and in messages over the port. The numbers are in `budgets.json`, and depend on no machine.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test as nodeTest } from 'node:test';
import { differences, keep } from './support/budgets.js';
import { HOURS } from './support/clock.js';
import { collectGarbage, countInWorker, turnWorkerClock, wasmMemory, workersOf } from './support/devtools.js';
import { eventually } from './support/eventually.js';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';
import { countTraffic } from './support/traffic.js';

const BUDGETS = JSON.parse(await readFile(new URL('budgets.json', import.meta.url), 'utf8'));
const unused = new Set(Object.keys(BUDGETS));
const check = (name, counted) => {
  unused.delete(name);
  keep(BUDGETS, name, counted);
};

/** Opens the app with the vault in its preferred location, and counts from now on. */
async function opened(world) {
  world.site.config.vault = 'shared';
  const traffic = await countTraffic(world);
  await world.app.open();
  await world.app.is('signed-out');
  return traffic;
}

async function signedIn(world) {
  const traffic = await opened(world);
  await world.app.logIn(ada);
  await traffic.begin(world.page);
  return traffic;
}

/** The counts since `begin`, with the messages of the tab's last page. */
const all = async (traffic, page) => {
  // By then the vault has answered, and is loaded.
  const messages = (await traffic.documents(page)).at(-1);
  return { ...traffic.requests(), ...messages };
};

/** The login from the click to the state `signed-in`, in its two halves. `meanwhile` happens while the user types the password. */
async function logIn({ app, control, page }, traffic, { options = { tenantName: ada.tenant }, meanwhile = () => {} } = {}) {
  await traffic.begin(page);
  await app.leave(options);
  await app.provider.email.waitFor();
  // They are fetched while the user types, and are not part of the way back.
  await eventually('the request for the keys', () => control.log().some(({ endpoint }) => endpoint === 'jwks'));
  const click = traffic.requests();
  await meanwhile();
  await traffic.begin();
  await app.provider.signIn(ada);
  await app.is('signed-in');
  await app.isReady();
  const callback = traffic.requests();
  const [left, returned, ...others] = await traffic.documents(page);
  assert.deepEqual(others, []);
  return { click: { ...click, ...left }, callback: { ...callback, ...returned } };
}

describe('on Wristband', () => {
  const { test } = stage({ app: 'pkg' });

  test('budget: the first visit of a user who never signed in makes no request to the provider', async (world) => {
    const traffic = await opened(world);
    check('first visit', await all(traffic, world.page));
  });

  test('budget: the click on "Log in", and the callback', async (world) => {
    const { click, callback } = await logIn(world, await opened(world));
    check('login, until the provider shows its page', click);
    check('callback', callback);
  });

  test('budget: a reload while signed in makes no request to the provider', async (world) => {
    const { app, page } = world;
    const traffic = await signedIn(world);
    await page.reload();
    await app.isSignedIn(ada);
    await app.isReady();
    check('reload while signed in', await all(traffic, page));
  });

  test('budget: a second tab makes no request to the provider, and sends nothing to the first', async (world) => {
    const { newApp, page } = world;
    const traffic = await signedIn(world);
    const second = await newApp();
    await second.open();
    await second.isSignedIn(ada);
    await second.isReady();
    check('second tab', await all(traffic, second.page));
    check('second tab, as the first sees it', (await traffic.documents(page)).at(-1));
  });

  test('budget: the user info is one request, and one message each way', async (world) => {
    const { page } = world;
    const traffic = await signedIn(world);
    assert.equal(await page.evaluate(async () => (await window.auth.userInfo()).email), ada.email);
    check('userInfo()', await all(traffic, page));
  });

  test('budget: an API call is one request, and one message each way', async (world) => {
    const { app, page } = world;
    const traffic = await signedIn(world);
    assert.deepEqual(await app.callApi(), [200]);
    check('auth.fetch()', await all(traffic, page));
  });

  test('budget: a call refused once by the API costs one renewal and one more request', { announced: [/401/] }, async (world) => {
    const { app, control, page } = world;
    const traffic = await signedIn(world);
    control.addFault({ endpoint: 'api', status: 401 });
    assert.deepEqual(await app.callApi(), [200]);
    check('auth.fetch(), refused once', await all(traffic, page));
  });

  test('budget: a renewal is one token request', async (world) => {
    const { app, page } = world;
    const traffic = await signedIn(world);
    assert.equal(await app.call('renew'), 'done');
    await app.hasRenewed(1);
    check('renew()', await all(traffic, page));
  });

  test('budget: a logout is one revocation, and one redirect to the provider', async (world) => {
    const { app, page } = world;
    const traffic = await signedIn(world);
    await app.logOut();
    await app.isReady();
    const [left, returned, ...others] = await traffic.documents(page);
    assert.deepEqual(others, []);
    check('logout', { ...traffic.requests(), ...left });
    check('logout, the page after it', returned);
  });

  test('budget: 100 calls in each of 5 tabs with an expired token make one token request, and none fails', async (world) => {
    const { app, control, newApp, page } = world;
    const traffic = await signedIn(world);
    const tabs = [app];
    while (tabs.length < 5) {
      const tab = await newApp();
      await tab.open();
      await tab.isSignedIn(ada);
      await tab.isReady();
      tabs.push(tab);
    }
    const { auth_time: signedInAt } = (await app.state()).claims;
    // Time has passed, and no timer has noticed.
    control.patchSettings({ clockShiftSeconds: 2 * HOURS });
    control.addFault({ endpoint: 'token', grant: 'refresh_token', times: 9, idToken: { claims: { auth_time: signedInAt } } });
    world.site.clockShift = 2 * HOURS;
    await turnWorkerClock(page, 2 * HOURS);
    await traffic.begin(...tabs.map((tab) => tab.page));
    const answers = await Promise.all(tabs.map((tab) => tab.callApi(100)));
    assert.deepEqual(answers.flat(), Array(500).fill(200));
    const requests = traffic.requests();
    // How long a browser caches a preflight is up to the API.
    delete requests['to the provider']['OPTIONS api'];
    const [first, ...others] = await Promise.all(tabs.map(async (tab) => (await traffic.documents(tab.page)).at(-1)));
    check('5 tabs × 100 calls with a token that has ended', { ...requests, ...first });
    for (const other of others) assert.deepEqual(other, first);
  });

  test('budget: 1,000 calls do not grow the memory of the vault', async (world) => {
    const { app, page } = world;
    await signedIn(world);
    const [worker] = await (await workersOf(page)).list();
    const calls = async (rounds) => {
      for (let round = 0; round < rounds; round += 1) assert.deepEqual(await app.callApi(50), Array(50).fill(200));
    };
    await calls(4);
    const before = await wasmMemory(worker);
    await calls(20);
    assert.equal(await wasmMemory(worker), before);
  });

  /** Calls the API this many times, uses each response, and waits until nothing of them is left in the vault. */
  async function leavesNothing(world, times, use) {
    const { page } = world;
    await signedIn(world);
    const [worker] = await (await workersOf(page)).list();
    await page.evaluate(async ([count, source]) => {
      const work = (0, eval)(source);
      await Promise.all(Array.from({ length: count }, async () => { await work(await window.auth.fetch(window.apiUrl)); }));
    }, [times, use.toString()]);
    await eventually('the end of all streams', async () => {
      await collectGarbage(page);
      assert.equal(await countInWorker(worker, 'ReadableStream'), 0);
      return true;
    });
  }

  test('budget: responses that were read leave nothing in the vault', (world) => leavesNothing(world, 50, (response) => response.json()));

  test('budget: cancelled responses leave nothing in the vault', (world) => leavesNothing(world, 50, (response) => response.body.cancel()));

  test('budget: unread responses leave nothing in the vault', (world) => leavesNothing(world, 50, () => {}));
});

describe('with any OpenID provider', () => {
  const { test } = stage({ app: 'pkg', plain: true });

  test('budget: the provider is discovered once for a login and its callback', async (world) => {
    const { click, callback } = await logIn(world, await opened(world), { options: {} });
    check('login with any OpenID provider', click);
    check('callback of any OpenID provider', callback);
  });

  test('budget: a callback after the vault has ended', async (world) => {
    const { page } = world;
    const workers = await workersOf(page);
    const meanwhile = async () => {
      for (const worker of await workers.list()) await workers.kill(worker);
      await eventually('the end of the vault', async () => (await workers.list()).length === 0);
    };
    const { callback } = await logIn(world, await opened(world), { options: {}, meanwhile });
    check('callback of any OpenID provider to a new vault', callback);
  });
});

nodeTest('an exceeded budget is reported, and one that is not used up', () => {
  const budget = { 'to the provider': { 'POST token': 1, 'GET jwks': 1 } };
  assert.deepEqual(differences(budget, { 'to the provider': { 'POST token': 1, 'GET jwks': 1 }, 'to the vault': {} }), []);
  assert.deepEqual(differences(budget, { 'to the provider': { 'POST token': 2 }, 'to the vault': { 'call open': 1 } }), [
    'to the provider, GET jwks: 0 counted, the budget is 1: lower the budget',
    'to the provider, POST token: 2 counted, the budget is 1',
    'to the vault, call open: 1 counted, the budget is 0',
  ]);
});

nodeTest('every budget is for something that is counted', () => {
  assert.deepEqual([...unused], []);
});
