// What is measured, and how often. Each round goes over all candidates in turn, so other load on the machine affects all of them alike.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { brotliCompressSync } from 'node:zlib';
import { patiently } from './lab.mjs';

export const COUNTS = {
  full: { init: 11, slow: 5, first: 13, login: 21, cached: 5, renewal: 20, reload: 2, calls: 300, storms: 3, ownStorms: 50, callsPerTab: 100 },
  quick: { init: 2, slow: 1, first: 2, login: 2, cached: 1, renewal: 3, reload: 1, calls: 20, storms: 1, ownStorms: 2, callsPerTab: 20 },
};

/** A shuffled copy for each round, so that no candidate always follows the same other. */
export function shuffled(list) {
  const left = [...list];
  return list.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]);
}

/** Rows in the order of these keys. Failed ones have none. */
export const inOrder = (rows, keys) => Object.fromEntries(keys.filter((key) => rows[key]).map((key) => [key, rows[key]]));

const OWN = 'wristband-spa-auth';
export const TABS = 5;

/** A candidate in one of its settings. */
export const settingsOf = (candidates) => candidates.flatMap((candidate) => candidate.variants.map((variant) => ({ candidate, variant, key: `${candidate.name}: ${variant.id}` })));

/** Bytes of all files, each compressed separately, with brotli at its default (best) quality. */
const bytesOf = (files) => files.reduce((total, file) => total + brotliCompressSync(readFileSync(file)).length, 0);

/** The files that the browser loads for a whole login, and those that the page itself waits for. */
export async function sizes(lab, candidates, attempt) {
  const all = {};
  for (const candidate of candidates) {
    const [variant = { config: {} }] = candidate.variants;
    await attempt(`size: ${candidate.name}`, async () => {
      const visitor = await lab.visitor();
      try {
        lab.provider.loaded.clear();
        const tab = await lab.tab(visitor, candidate, variant.config);
        await tab.open().catch((error) => { if (!candidate.sizeOnly) throw error; });
        if (!candidate.sizeOnly) {
          await tab.logIn();
          await tab.run('forceRefresh');
        }
        const loaded = [...lab.provider.loaded];
        const ofPage = loaded.filter((file) => !candidate.files?.some((name) => file.endsWith(`/${name}`)));
        all[candidate.name] = { files: loaded.length, brotli: bytesOf(loaded), page: bytesOf(ofPage) };
      } finally {
        await visitor.close();
      }
    });
  }
  return all;
}

/** Loading and starting with empty caches; `slow` with the processor slowed down four times. */
export async function init(lab, candidates, attempt, counts) {
  const all = {};
  for (let round = 0; round < counts.init + counts.slow; round += 1) {
    const isSlow = round >= counts.init;
    for (const candidate of shuffled(candidates)) {
      await attempt(`init: ${candidate.name}`, async () => {
        const visitor = await lab.visitor();
        try {
          const tab = await lab.tab(visitor, candidate, candidate.variants[0].config);
          await tab.page.goto(tab.config.homeUrl);
          lab.provider.takeLog();
          if (isSlow) await (await visitor.newCDPSession(tab.page)).send('Emulation.setCPUThrottlingRate', { rate: 4 });
          const { import: imported, init: started } = await patiently(tab.run('start', tab.config), 'the start');
          const row = (all[candidate.name] ??= { times: [], slow: [], requests: [] });
          row[isSlow ? 'slow' : 'times'].push(imported + started);
          row.requests = lab.provider.takeLog().map(({ path }) => path);
        } finally {
          await visitor.close();
        }
      });
    }
  }
  return inOrder(all, candidates.map(({ name }) => name));
}

/** A first login: a visitor without caches and without a session at the provider. Then reloads, with no other tab open. */
export async function visits(lab, settings, attempt, counts) {
  const all = { first: {}, reload: {} };
  for (let round = 0; round < counts.first; round += 1) {
    for (const { candidate, variant, key } of shuffled(settings)) {
      await attempt(`first login: ${key}`, async () => {
        const visitor = await lab.visitor();
        try {
          const tab = await lab.tab(visitor, candidate, variant.config);
          await tab.open();
          lab.provider.takeLog();
          const told = await tab.logIn();
          const row = (all.first[key] ??= { callback: [], total: [], requests: [] });
          row.callback[round] = told.callback;
          row.total[round] = told.sinceClick;
          row.requests = lab.provider.takeLog().map(({ path }) => path);
          await reloads(lab, tab, (all.reload[key] ??= { times: [], requests: [], keeps: true }), counts.reload);
        } finally {
          await visitor.close();
        }
      });
    }
  }
  const keys = settings.map(({ key }) => key);
  return { first: inOrder(all.first, keys), reload: inOrder(all.reload, keys) };
}

/** Reloads a page of the app, and records the time. */
async function reloads(lab, tab, row, times) {
  await tab.page.goto(tab.config.homeUrl);
  for (let time = 0; time < times; time += 1) {
    lab.provider.takeLog();
    const { authenticated, sinceClick } = await tab.reload();
    row.times.push(sinceClick);
    row.keeps &&= authenticated;
    row.requests = lab.provider.takeLog().map(({ path }) => path);
  }
}

/** The measurements in a tab that stays open: repeated logins, cached tokens, renewals, API calls. */
export async function stay(lab, settings, attempt, counts) {
  const tabs = [];
  for (const setting of settings) {
    await attempt(`login: ${setting.key}`, async () => {
      const tab = await lab.tab(await lab.visitor(), setting.candidate, setting.variant.config);
      await tab.open();
      await tab.logIn();
      tabs.push({ ...setting, tab });
    });
  }
  const all = { login: {}, cached: {}, renewal: {}, calls: {} };
  const inTurns = async (what, times, work) => {
    for (let round = 0; round < times; round += 1) {
      for (const one of shuffled(tabs)) await attempt(`${what}: ${one.key}`, () => work(one, round));
    }
  };
  await inTurns('login', counts.login, async ({ tab, key }, round) => {
    await tab.open({ forgets: true });
    lab.provider.takeLog();
    const { callback, sinceClick } = await tab.logIn();
    const row = (all.login[key] ??= { callback: [], total: [], requests: [] });
    row.callback[round] = callback;
    row.total[round] = sinceClick;
    row.requests = lab.provider.takeLog().map(({ path }) => path);
  });
  await inTurns('cached token', counts.cached, async ({ tab, key }) => {
    (all.cached[key] ??= []).push(await patiently(tab.run('cachedTokens', 300), 'cached tokens'));
  });
  await inTurns('renewal', counts.renewal, async ({ tab, key }, round) => {
    lab.provider.takeLog();
    const row = (all.renewal[key] ??= { times: [], requests: [] });
    row.times[round] = await patiently(tab.run('forceRefresh'), 'a renewal');
    row.requests = lab.provider.takeLog().map(({ path }) => path);
  });
  await inTurns('API', 1, async ({ tab, key }) => {
    await tab.run('calls', lab.provider.api, 5);
    all.calls[key] = await patiently(tab.run('calls', lab.provider.api, counts.calls), 'calls of the API', 60_000);
  });
  for (const { tab } of tabs) await tab.page.context().close();
  const keys = settings.map(({ key }) => key);
  return Object.fromEntries(Object.entries(all).map(([what, rows]) => [what, inOrder(rows, keys)]));
}

/** Several tabs, one session, an expired token, and many calls at the same moment. */
async function storm(lab, candidate, { config, renewsAhead }, callsPerTab) {
  const visitor = await lab.visitor();
  try {
    // For a library that renews ahead of expiry nothing would be left to do: so its renewal takes until after the expiry.
    lab.provider.set({ accessTokenTtl: renewsAhead ? 2 : 1, delaysRenewalBy: renewsAhead ? 3_000 : 0 });
    const first = await lab.tab(visitor, candidate, config);
    await first.open();
    lab.provider.takeLog();
    await first.logIn();
    lab.provider.set({ accessTokenTtl: 3600 });
    const tabs = [first];
    while (tabs.length < TABS) {
      const tab = await lab.tab(visitor, candidate, config);
      if (!(await tab.open()).authenticated) throw new Error('another tab does not have the session');
      tabs.push(tab);
    }
    await pause(1_500);
    const at = Date.now() + 500;
    const failures = await patiently(Promise.all(tabs.map((tab) => tab.run('storm', lab.provider.api, callsPerTab, at))), 'the storm', 60_000);
    const asked = lab.provider.takeLog().filter(({ path }) => path === '/oauth/token');
    // The first is the code exchange.
    const renewals = asked.slice(1);
    const alive = await Promise.all(tabs.map((tab) => patiently(tab.run('isAlive', lab.provider.api), 'a call').catch(() => false)));
    return {
      calls: TABS * callsPerTab,
      failed: failures.flat().length,
      failures: [...new Set(failures.flat())],
      renewals: renewals.length,
      refused: renewals.filter(({ status }) => status !== 200).length,
      alive: alive.filter(Boolean).length,
    };
  } finally {
    lab.provider.set({ accessTokenTtl: 3600, delaysRenewalBy: 0 });
    await visitor.close();
  }
}

export async function storms(lab, candidates, attempt, counts) {
  const all = {};
  for (const candidate of candidates) {
    for (const variant of candidate.tabs) {
      const key = `${candidate.name}: ${variant.id}`;
      const times = candidate.name === OWN ? counts.ownStorms : counts.storms;
      for (let round = 0; round < times; round += 1) {
        await attempt(`${TABS} tabs: ${key}`, async () => { (all[key] ??= []).push(await storm(lab, candidate, variant, counts.callsPerTab)); });
      }
    }
  }
  return all;
}
