// Browser, hosts, link and brake, and what a visitor does: a first visit, a login, a reload.
import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bundle, configOf, launch, patiently } from '../lab.mjs';
import { start } from '../provider.mjs';
import { Brake } from './brake.mjs';
import { Hosts } from './hosts.mjs';
import { USER_TAKES } from './networks.mjs';
import { pages } from './pages.mjs';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const FOLDER = here('../dist/slow');
const PATIENCE = 40_000;
/** The link and the brake have to notice a change before a measurement: the brake looks for new processes this often. */
const SETTLES = 80;
/** The user clicks at once after the first visit, which is hard on a library that is still loading; and stays a moment after the login. */
const BEFORE_CLICK = 100;
const AFTER_LOGIN = 300;

/** Opens everything. `brake` is the compiled program, if there is one. */
export async function openLab(settings, brake) {
  const candidates = [...new Set(settings.map(({ candidate }) => candidate))];
  const names = candidates.map(({ name }) => name);
  rmSync(FOLDER, { recursive: true, force: true });
  await Promise.all(candidates.map((candidate) => bundle(candidate, { into: FOLDER, script: here('entry.mjs') })));
  const hosts = new Hosts();
  const apps = new Map();
  const slugs = settings.map(({ key }) => slug(key));
  const provider = await start({ names: slugs, serve: (...given) => hosts.serve(...given), pages: () => pages(FOLDER, names, apps) });
  for (const { candidate, variant, key } of settings) apps.set(slug(key), { files: candidate.name, config: configOf(provider, slug(key), variant.config) });
  const browser = await launch(hosts.chromium());
  return new Lab({ apps, brake: brake && new Brake(brake), browser, hosts, provider });
}

/** A setting's name as a path segment. */
const slug = (key) => key.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/-$/, '');

class Lab {
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** Runs `work` with the network and the processor of an entry of `NETWORKS`. */
  async under({ cpu, link, userTakes = USER_TAKES }, work) {
    this.provider.set({ userTakes });
    this.hosts.use(link);
    this.brake?.set(cpu);
    await pause(SETTLES);
    try {
      return await work();
    } finally {
      this.brake?.set(1);
      this.hosts.use({});
    }
  }

  /** Does something with a tab of a visitor with empty caches. */
  async visitor(work) {
    const context = await this.browser.newContext();
    try {
      return await work(await context.newPage());
    } finally {
      await context.close();
    }
  }

  /** A first visit, a login and a reload of an app. */
  visit({ key }, network) {
    return this.visitor(async (page) => {
      const visit = new Visit(page, this.hosts, this.apps.get(slug(key)).config.homeUrl);
      await page.exposeFunction('benchDone', (report) => visit.done(report));
      return this.under(network, () => visit.all(network.userTakes ?? USER_TAKES));
    });
  }

  async close() {
    this.brake?.release();
    await this.browser.close();
    this.provider.close();
    rmSync(FOLDER, { recursive: true, force: true });
  }
}

/** One visitor of one app. */
class Visit {
  constructor(page, hosts, homeUrl) {
    Object.assign(this, { page, hosts, homeUrl, done: () => {} });
  }

  /** Does `work`, and waits for the page's next report. Adds the requests that arrived meanwhile. */
  async #reported(what, work) {
    this.hosts.takeArrivals();
    const reported = new Promise((resolve) => { this.done = resolve; });
    await work();
    const report = await patiently(reported, what, PATIENCE);
    if (report.error) throw new Error(`${what}: ${report.error}`);
    return { ...report, arrivals: this.hosts.takeArrivals() };
  }

  async all(userTakes) {
    const first = await this.#reported('the first visit', () => this.page.goto(this.homeUrl, { waitUntil: 'commit' }));
    if (first.authenticated) throw new Error('the visitor is signed in before the login');
    await pause(BEFORE_CLICK);
    const callback = await this.#reported('the login', () => this.#does('login'));
    if (!callback.authenticated) throw new Error('the visitor is not signed in after the callback');
    await pause(AFTER_LOGIN);
    const reload = await this.#reported('the reload', () => this.#does('reload'));
    return {
      first: { time: first.known, requests: since(first.began, first.arrivals) },
      callback: { time: callback.known, requests: since(callback.began, callback.arrivals) },
      login: { time: callback.sinceSetOut - userTakes },
      reload: { time: reload.sinceSetOut, keeps: reload.authenticated, requests: since(reload.began, reload.arrivals) },
    };
  }

  /** Has the page do something that navigates away. */
  #does(what) {
    return this.page.evaluate((name) => { globalThis.bench[name](); }, what).catch(() => {});
  }
}

/** When each request arrived at its server, in ms after the start. */
const since = (began, arrivals) => arrivals.map(({ at, ...request }) => ({ ...request, at: Math.round(at - began) }));
