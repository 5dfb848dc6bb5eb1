// What is measured: more and more tabs, tabs that come and go, more and more calls, a whole day.
import { ada } from '../../tests/e2e/support/people.js';
import { memoryOf } from './memory.mjs';
import { timeOf } from './time.mjs';
import { openTab, withVisitor } from './visitor.mjs';

const DIRECTIONS = ['to the vault', 'from the vault'];

const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0);

/** Adds the counts of each name to a total. */
function add(total, counts) {
  for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count;
}

/** The traffic since the last call: requests by endpoint, and messages each way in all of these tabs. */
async function spent({ traffic }, tabs) {
  const counted = { ...traffic.requests(), 'to the vault': 0, 'from the vault': 0 };
  for (const { page } of tabs) {
    for (const document of await traffic.documents(page)) for (const direction of DIRECTIONS) counted[direction] += sum(document[direction]);
  }
  await traffic.begin(...tabs.map(({ page }) => page));
  return counted;
}

/** Runs in the page: makes this many API calls at once, and counts the failed ones. */
async function callAll({ times, reads = true }) {
  const call = async () => {
    const response = await window.auth.fetch(window.apiUrl);
    return reads ? Boolean((await response.json()).email) : response.ok;
  };
  const outcomes = await Promise.allSettled(Array.from({ length: times }, call));
  return outcomes.filter(({ value }) => !value).length;
}

/** Tabs that share one session. All of them are notified of a renewal. */
export function tabs(steps) {
  return withVisitor({}, async (visitor) => {
    const open = [visitor.app];
    const rows = [];
    let renewals = 0;
    await spent(visitor, open);
    for (const count of steps) {
      const opened = [];
      while (open.length + opened.length < count) opened.push(await openTab(visitor));
      const opening = await spent(visitor, [...open, ...opened]);
      open.push(...opened);
      renewals += 1;
      await visitor.app.call('renew');
      await Promise.all(open.map((tab) => tab.hasRenewed(renewals)));
      const renewal = await spent(visitor, open);
      const failures = sum(await Promise.all(open.map(({ page }) => page.evaluate(callAll, { times: 1 }))));
      const calls = await spent(visitor, open);
      rows.push({ tabs: count, ...await memoryOf(visitor), opened: opened.length, opening, renewal, calls, failures });
    }
    for (const tab of open.splice(1)) await tab.page.close();
    await visitor.app.page.evaluate(callAll, { times: 1 });
    const afterwards = await memoryOf(visitor);
    return { browser: visitor.browser, rows, afterwards };
  });
}

/** Tabs that come and go, while one stays open. */
export function visits(checkpoints) {
  return withVisitor({}, async (visitor) => {
    const rows = [];
    let made = 0;
    for (const checkpoint of checkpoints) {
      for (; made < checkpoint; made += 1) await (await openTab(visitor)).page.close();
      await visitor.app.page.evaluate(callAll, { times: 1 });
      rows.push({ visits: made, ...await memoryOf(visitor) });
    }
    return { browser: visitor.browser, rows };
  });
}

/** One tab that calls an API all the time, and reads the responses or not. */
export function calls(checkpoints, atOnce, reads = true) {
  return withVisitor({}, async (visitor) => {
    const { app } = visitor;
    const rows = [];
    let [made, failures] = [0, 0];
    await spent(visitor, [app]);
    for (const checkpoint of checkpoints) {
      const begun = performance.now();
      const before = made;
      for (; made < checkpoint; made += atOnce) failures += await app.page.evaluate(callAll, { times: atOnce, reads });
      const seconds = (performance.now() - begun) / 1000;
      const counted = await spent(visitor, [app]);
      rows.push({ calls: made, ...await memoryOf(visitor), made: made - before, seconds, ...counted, failures });
    }
    return { browser: visitor.browser, atOnce, reads, rows };
  });
}

/**
 * Takes over the worker's clock. The returned function advances the time to the vault's next timer, in the worker and everywhere else, and
 * returns by how many seconds that was.
 */
async function hurry({ app, control, site, worker }, renewals) {
  const { auth_time: signedInAt } = (await app.state()).claims;
  // The `auth_time` of the user does not change.
  control.addFault({ endpoint: 'token', grant: 'refresh_token', times: renewals + 1, idToken: { claims: { auth_time: signedInAt } } });
  const time = await timeOf(worker);
  let passed = 0;
  return {
    end: time.end,
    async pass() {
      const seconds = await time.next();
      if (seconds < 0) throw new Error('The vault waits for nothing.');
      passed += seconds;
      control.patchSettings({ clockShiftSeconds: Math.round(passed) });
      site.clockShift = Math.round(passed);
      await time.pass(seconds);
      return seconds;
    },
  };
}

/** A tab that stays open, with access tokens of this lifetime, until the vault has renewed them this many times. */
export function day({ lifetime, renewals, every }) {
  return withVisitor({ accessTokenTtl: lifetime }, async (visitor) => {
    const { app } = visitor;
    const time = await hurry(visitor, renewals);
    // A timer that was set earlier is the browser's own. This explicit renewal sets the next one.
    await app.call('renew');
    await app.hasRenewed(1);
    await spent(visitor, [app]);
    const rows = [{ renewals: 0, hours: 0, ...await memoryOf(visitor), failures: 0 }];
    const total = { requests: {}, messages: {} };
    let [seconds, failures] = [0, 0];
    for (let renewal = 1; renewal <= renewals; renewal += 1) {
      seconds += await time.pass();
      await app.hasRenewed(renewal + 1);
      failures += await app.page.evaluate(callAll, { times: 1 });
      if (renewal % every > 0 && renewal < renewals) continue;
      const { 'to the provider': requests, 'to the host': _files, ...messages } = await spent(visitor, [app]);
      add(total.requests, requests);
      add(total.messages, messages);
      rows.push({ renewals: renewal, hours: seconds / 3600, ...await memoryOf(visitor), failures });
    }
    await time.end();
    return { browser: visitor.browser, lifetime, rows, total, signedIn: (await app.state()).tenantName === ada.tenant };
  });
}
