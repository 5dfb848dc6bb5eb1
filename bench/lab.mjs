// Browser, provider and candidates, ready for measurement.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { pages } from './pages.mjs';
import { start } from './provider.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const PKG = here('../pkg/dist');
const FOLDER = here('dist');
const PATIENCE = 20_000;

const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--no-proxy-server',
];

/** Starts the browser. Nothing leaves this machine: only the names that `hosts` maps resolve. Nothing else runs in the browser. */
export const launch = ({ hosts = [], more = [] } = {}) => chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: [...ARGUMENTS, `--host-resolver-rules=${[...hosts, 'MAP * ~NOTFOUND', 'EXCLUDE 127.0.0.1'].join(', ')}`, ...more],
});

const adapterOf = (name) => here(`adapters/${name}.mjs`);

/** Copies a candidate's files into a folder of its own, as an app's bundler does. The script is the adapter, or what imports it as `CANDIDATE`. */
export async function bundle({ name, files = [], worker }, { into = FOLDER, script = adapterOf(name) } = {}) {
  if (!existsSync(PKG)) throw new Error('There is no pkg/dist: make it with `cargo xtask build pkg`.');
  const folder = join(into, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await build({
    absWorkingDir: here('.'),
    alias: { 'wristband-spa-auth': join(PKG, 'index.js'), CANDIDATE: adapterOf(name) },
    bundle: true,
    chunkNames: '[name]-[hash]',
    entryPoints: { script, ...(worker && { vault: here(worker) }) },
    format: 'esm',
    logLevel: 'error',
    minify: true,
    outdir: folder,
    // What a library loads only on demand is not counted.
    splitting: true,
    target: 'es2022',
  });
  for (const file of files) cpSync(join(PKG, file), join(folder, file));
}

export function versionOf(candidate) {
  if (candidate.isFloor) return '';
  const manifest = candidate.package ? `node_modules/${candidate.package}/package.json` : '../pkg/package.json';
  return JSON.parse(readFileSync(here(manifest), 'utf8')).version;
}

/** All settings of a candidate, in the app of this name. */
export function configOf({ api, appOrigin, issuer, metadata, scope }, app, { alg = 'RS256', jwtAccessTokens, ...config }) {
  const homeUrl = `${appOrigin}/app/${app}/`;
  const clientId = jwtAccessTokens ? 'spa-jwt' : `spa-${alg}`;
  return { api, issuer, metadata, scope, homeUrl, redirectUri: `${homeUrl}callback`, alg, clientId, ...config };
}

/** Waits for a promise; after a timeout the error says what it waited for. */
export function patiently(promise, what, within = PATIENCE) {
  const ended = new AbortController();
  const late = pause(within, undefined, { signal: ended.signal }).then(() => { throw new Error(`${what} took more than ${within} ms`); });
  return Promise.race([promise, late]).finally(() => ended.abort());
}

export async function openLab(candidates) {
  await Promise.all(candidates.map((candidate) => bundle(candidate)));
  const provider = await start({ names: candidates.map(({ name }) => name), pages: (loaded) => pages(FOLDER, loaded) });
  return new Lab(provider, await launch());
}

class Lab {
  constructor(provider, browser) {
    this.provider = provider;
    this.browser = browser;
  }

  /** A visitor with empty caches. */
  async visitor() {
    const context = await this.browser.newContext();
    context.setDefaultTimeout(PATIENCE);
    return context;
  }

  async tab(context, candidate, config) {
    const tab = new Tab(await context.newPage(), candidate.name, configOf(this.provider, candidate.name, config));
    await tab.page.exposeFunction('benchDone', (what) => tab.done(what));
    return tab;
  }

  async close() {
    await this.browser.close();
    this.provider.close();
  }
}

/** One tab with a candidate in it. */
class Tab {
  constructor(page, name, config) {
    this.page = page;
    this.name = name;
    this.config = config;
    this.done = () => {};
  }

  /** Does `work`, and waits for the page's next report. */
  async #reported(what, work) {
    const report = new Promise((resolve) => { this.done = resolve; });
    await work();
    const told = await patiently(report, `${this.name}: ${what}`);
    if (told.error) throw new Error(told.error);
    return told;
  }

  /** Opens the app. `forgets` clears what other tabs and earlier rounds left in its storage. */
  async open({ forgets = false } = {}) {
    await this.page.goto(this.config.homeUrl);
    if (forgets) await this.page.evaluate(() => { localStorage.clear(); sessionStorage.clear(); });
    return patiently(this.run('start', this.config), `${this.name}: the start`);
  }

  async logIn() {
    const told = await this.#reported('a login', () => this.run('login').catch(() => {}));
    if (!told.authenticated) throw new Error('the user is signed out after the callback');
    return told;
  }

  reload() {
    return this.#reported('a reload', () => this.run('reload', this.config).catch(() => {}));
  }

  /** Has the page perform one of its operations. */
  run(what, ...given) {
    return this.page.evaluate(([name, values]) => globalThis.bench[name](...values), [what, given]);
  }
}
