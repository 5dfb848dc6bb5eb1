// One soak: five tabs at work, the faults, and the supervisor that logs in again after a loss.
import { setTimeout as sleep } from 'node:timers/promises';
import { FAULTS, FaultLog } from './faults.mjs';
import { Ledger } from './ledger.mjs';
import { growth, measure } from './memory.mjs';
import { createChance } from './page/chance.js';
import { reusedTokens } from './reuse.mjs';
import { watchSessions } from './sessions.mjs';
import { Tab } from './tab.mjs';
import { watchErrors } from './uncaught.mjs';
import { startWorld } from './world.mjs';

/** Milliseconds between two calls of each tab, on average. The first tab stays open: it shows what grows in a page. */
const PAUSES = [300, 450, 600, 900, 1300];

/** Milliseconds after which the user of a tab does something with it, on average. */
const MEAN_VISIT = 30_000;

const MINUTE = 60_000;

/** Milliseconds between two faults. A short run has them closer together. */
const gapOf = (minutes) => Math.min(2 * MINUTE, Math.max(25_000, (minutes * MINUTE) / (FAULTS.length + 1)));

/** Opens the tabs; the first one logs in. */
async function openTabs(run) {
  const { chance, ledger, world: { api, context, site } } = run;
  const byPage = new Map();
  await context.exposeBinding('tellSoak', ({ page }, message) => byPage.get(page)?.hear(message));
  const newPage = async (tab) => {
    const page = await context.newPage();
    byPage.set(page, tab);
    page.once('close', () => byPage.delete(page));
    return page;
  };
  run.tabs = PAUSES.map((meanPause, index) => new Tab(index, {
    api, chance: createChance(chance.seed()), ledger, meanPause, newPage, onState: (tab) => run.onState(tab),
  }));
  const [first, ...others] = run.tabs;
  await first.open(site);
  await first.logIn();
  for (const tab of others) {
    await tab.open(site);
    // Each tab has its own session if it has its own worker. The provider knows the user by now.
    if (!await tab.untilSignedIn()) throw new Error(`Tab ${tab.index} was not signed in: ${tab.status}, ${tab.reason}.`);
  }
}

/** Tries something that a fault or the session may prevent. A page that has crashed answers nothing. */
async function attempt(run, tab, what, work, within = 90_000) {
  const late = new AbortController();
  const limit = sleep(within, undefined, { signal: late.signal }).then(() => { throw new Error('it did not end'); });
  limit.catch(() => {});
  try {
    await Promise.race([work(), limit]);
  } catch (error) {
    run.ledger.note('problems', tab, { what, problem: String(error.message ?? error).split('\n')[0] });
  } finally {
    late.abort();
  }
}

const VISITS = [{ name: 'reload', weight: 4 }, { name: 'reopen', weight: 3 }, { name: 'trip', weight: 4 }];

/** The user of a tab reloads it, closes it, goes away and comes back. */
async function useTab(run, tab) {
  const { chance } = tab;
  while (!run.isOver) {
    await run.pause(5_000 + chance.exponential(MEAN_VISIT - 5_000));
    const { name } = chance.weighted(VISITS);
    await tab.exclusive(async () => {
      // The app itself cannot be loaded while the network is gone, which says nothing about the session.
      if (run.isOver || !tab.isSignedIn || run.faults.isOn('offline') || run.faults.isOn('logout')) return;
      run.ledger.note('visits', tab, { name });
      await attempt(run, tab, name, () => tab[name]());
    });
  }
}

/** Runs one fault after the other, in turns. */
async function makeFaults(run, minutes) {
  const gap = gapOf(minutes);
  const end = Date.now() + minutes * MINUTE;
  const first = run.chance.seed() % FAULTS.length;
  for (let count = 0; ; count += 1) {
    const fault = FAULTS[(first + count) % FAULTS.length];
    const pauseUntilNext = count === 0 ? Math.min(gap, 40_000) : gap;
    if (Date.now() + pauseUntilNext + fault.seconds * 1000 + 20_000 > end) return;
    await run.pause(pauseUntilNext);
    const entry = run.faults.begin(fault);
    run.say(fault.name);
    await attempt(run, run.tabs[0], fault.name, async () => {
      await fault.begin({ ...run.world, logOutAndIn: () => logOutAndIn(run) });
      await sleep(fault.seconds * 1000);
      await fault.end(run.world);
    });
    entry.end();
  }
}

/** One tab logs out and logs in again. All tabs have to follow the logout. */
async function logOutAndIn(run) {
  const [first, ...others] = run.tabs;
  const tab = run.chance.pick(others);
  await Promise.all(run.tabs.map((each) => each.exclusive(() => each.untilSignedIn())));
  await tab.exclusive(async () => {
    const before = Date.now();
    await tab.logOut();
    await sleep(2_000);
    for (const other of [first, ...others]) {
      if (other.isSignedIn && !(other.signedOutAt >= before)) run.ledger.note('problems', other, { what: 'logout', problem: 'it was not followed' });
    }
    await tab.logIn();
  });
  for (const other of [first, ...others]) {
    await attempt(run, other, 'login after the logout', () => other.exclusive(async () => {
      if (!await other.untilSignedIn(run.vault === 'shared' ? 10_000 : 500)) await other.logIn();
    }));
  }
}

/** Looks for calls that hang. */
async function watchCalls(run) {
  while (!run.isOver) {
    run.ledger.checkAll();
    await sleep(1_000);
  }
}

/** Regularly measures the memory of the tab that stays open. */
async function watchMemory(run, interval) {
  const [first] = run.tabs;
  while (!run.isOver) {
    await first.exclusive(async () => {
      if (!first.isSignedIn) return;
      await attempt(run, first, 'memory', async () => run.samples.push({ at: run.ledger.now(), ...await measure(first.page) }), 20_000);
    });
    await run.pause(interval);
  }
}

/** Stops new calls in all tabs, and waits for the open ones. */
async function settle(run) {
  const { ledger, tabs } = run;
  for (const tab of tabs) await attempt(run, tab, 'stop', () => tab.page.evaluate(() => { window.soak.isStopped = true; }));
  const deadline = Date.now() + 25_000;
  while (ledger.openCalls && Date.now() < deadline) await sleep(100);
  ledger.checkAll();
  for (const tab of tabs) await attempt(run, tab, 'close', () => tab.exclusive(() => tab.close()));
  while (!ledger.isSettled) await sleep(100);
}

/** If `misuse` is given, it runs instead of the faults. */
export async function soak({ folder, vault, minutes, seed, say, misuse }) {
  const world = await startWorld({ folder, vault });
  const faults = new FaultLog();
  const run = { chance: createChance(seed), faults, ledger: new Ledger(world.api, faults), onState() {}, samples: [], say, vault, world };
  const over = new AbortController();
  run.pause = (milliseconds) => sleep(milliseconds, undefined, { signal: over.signal }).catch(() => {});
  const start = Date.now();
  try {
    await watchErrors(run);
    await openTabs(run);
    const work = [
      ...run.tabs.slice(1).map((tab) => useTab(run, tab)),
      misuse ? misuse(run) : makeFaults(run, minutes),
      watchSessions(run),
      watchCalls(run),
      // A short run has few samples for a regression line.
      watchMemory(run, minutes < 10 ? 15_000 : MINUTE),
    ];
    await Promise.race([sleep(minutes * MINUTE), Promise.all(work)]);
    run.isOver = true;
    over.abort();
    await Promise.all(work);
    await settle(run);
    return reportOf(run, { start, vault, minutes, seed });
  } finally {
    await world.close();
  }
}

function reportOf({ faults, ledger, samples, tabs, world }, about) {
  const { start, ...rest } = about;
  const { calls, errors, hung, interrupted, left, lost, problems, quick, stranded, uncaught } = ledger;
  const visits = {};
  for (const tab of tabs) for (const [name, count] of Object.entries(tab.visits)) visits[name] = (visits[name] ?? 0) + count;
  return {
    ...rest,
    date: new Date(start).toISOString(),
    chromium: world.browser.version(),
    calls,
    api: world.api.counts,
    quick: quick.length,
    hung,
    errors,
    lost,
    interrupted,
    stranded,
    ...reusedTokens(world.provider.control.log(), (time) => faults.losesAnswers(time)),
    left,
    uncaught,
    problems,
    visits,
    notKept: countsOf(tabs.flatMap(({ notKept }) => notKept)),
    faults: faults.shown(start),
    log: ledger.visits,
    latency: latencyOf(quick),
    growth: growth(samples),
    samples,
  };
}

function latencyOf(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part) => Math.round((sorted[Math.floor(part * (sorted.length - 1))] ?? NaN) * 10) / 10;
  return { median: at(0.5), 'of 99 in 100': at(0.99), longest: at(1) };
}

function countsOf(words) {
  const counts = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
