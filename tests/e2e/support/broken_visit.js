// The visit of one user, in whose browser one API fails.
import { setTimeout as pause } from 'node:timers/promises';
import { browser } from './browser.js';
import { installBrokenApis } from './broken_apis/install.js';
import { CALL_BOUND, START_BOUND } from './broken_cells.js';
import { configOf } from './config.js';
import { eventually } from './eventually.js';
import { redirectOf } from './redirect.js';

/** Milliseconds after which a caller aborts a call that has no limit. */
const PATIENCE = 3_000;

/** Milliseconds within which a kept session is visible again once the API works: the page calls a vault at growing intervals. */
const RETURN_BOUND = 35_000;

/** The error of a file that was made to fail. */
export const BROKEN_FILE = 'A test broke this file.';

/** A file that fails on the network in this way. */
export const fileOf = (way, type) => `vault-${way}.${type}`;

/** The call of each moment, if there is one in addition to the start. */
const CALLS = { 'first visit': 'login', login: 'login', renewal: 'renew', 'auth.fetch': 'fetch', logout: 'logout' };

/** The moments at which a visit starts. */
const isFirst = ({ moment }) => ['first visit', 'return'].includes(moment);

/** The moments at which a page starts. */
const isStart = (cell) => isFirst(cell) || cell.moment === 'callback';

/** Runs in the page: whether the vault sees by a lock that this tab is open. */
async function holdsLock() {
  const { held } = await navigator.locks.query();
  return held.some(({ name }) => name.startsWith('wristband-spa-auth/tab/'));
}

/** One user, in a separate browser context. */
export class Visit {
  constructor(members) {
    Object.assign(this, members);
    this.pageErrors = [];
    this.context.on('weberror', (error) => this.pageErrors.push(`page: ${error.error()}`));
  }

  static async begin(world, cell) {
    const storageState = cell.moment === 'return' ? world.returning : undefined;
    const context = await (await browser()).newContext({ storageState });
    const visit = new Visit({ ...world, cell, context, faults: cell.file ? {} : { ...cell.with, [cell.api]: cell.way } });
    const pages = { '/': visit.cellPage(isFirst(cell)), '/callback': visit.cellPage(cell.moment === 'callback') };
    await context.addInitScript({ content: `if (location.origin === '${world.site.origin}') {
      const { faults, ...cell } = ${JSON.stringify(pages)}[location.pathname];
      window.cell = cell;
      (${installBrokenApis})(faults);
    }` });
    visit.page = await context.newPage();
    return visit;
  }

  /** Whether something fails in the vault that already runs. */
  get isInWorker() {
    return this.cell.where === 'vault' && this.cell.vault !== 'page';
  }

  /** What a page is loaded with: its settings, and what fails in it from the start. */
  cellPage(isBroken) {
    const { cell, faults, provider, site } = this;
    const { apiUrl, ...settings } = configOf({ provider, site, plain: false });
    this.apiUrl = apiUrl;
    // A vault in a shared worker already runs when the user comes back from the provider: it has the URL with which it was started.
    const startsVault = isBroken && !(cell.moment === 'callback' && cell.vault === 'shared');
    const query = startsVault && cell.where === 'vault' ? `?${new URLSearchParams(faults)}` : '';
    const file = (type) => (isBroken && cell.file && cell.api.includes(`vault.${type}`) ? fileOf(cell.way, type) : `vault.${type}`);
    return {
      bound: START_BOUND,
      faults: isBroken && cell.where === 'page' ? faults : {},
      settings: { ...settings, vault: cell.vault, workerUrl: `/${file('js')}${query}`, wasmUrl: `/${file('wasm')}` },
    };
  }

  /** Returns the results of the start and of the call of the moment. */
  async perform() {
    const { cell } = this;
    if (!isFirst(cell)) await this.prepare();
    const start = isStart(cell) ? await this.open(this.callback) : undefined;
    const name = CALLS[cell.moment];
    // After a refused start there is nothing to call.
    const call = name && !start?.error ? await this.call(name) : undefined;
    const settled = [start, call].filter(Boolean);
    await pause(cell.calms ?? 0);
    const isKept = await this.isKept();
    const { interruptions } = await this.state();
    return {
      settled,
      interruptions,
      isKept: isKept || this.reason !== undefined,
      outcome: this.outcomeOf(start, call && this.outcomeOfCall(name, call), isKept),
      milliseconds: Math.max(...settled.map(({ milliseconds }) => milliseconds)),
      pageErrors: await this.allPageErrors(),
    };
  }

  /** Everything that precedes the moment, with nothing broken. Then the faults are turned on. */
  async prepare() {
    const { moment } = this.cell;
    await this.open();
    // From then on there is a database, with a login in it.
    if (moment === 'login') await this.login();
    else this.callback = await redirectOf(await this.login(), this.returning.cookies);
    if (!['login', 'callback'].includes(moment)) {
      await this.open(this.callback);
      // A vault keeps a session for a tab that holds its lock, which the tab requests some time after the start.
      await eventually('a session', async () => (await this.state()).status === 'signed-in' && this.page.evaluate(holdsLock));
    }
    // The page of a callback has its own faults.
    if (moment !== 'callback' || this.cell.vault === 'shared') await this.turn(this.faults);
  }

  /** Opens a page of the app, and waits until its start has settled. */
  async open(url = '/') {
    // A file that never arrives must not block the page.
    await this.page.goto(new URL(url, this.site.origin).href, { waitUntil: 'domcontentloaded' });
    await this.page.waitForFunction(() => window.startOf);
    return this.page.evaluate(() => window.startOf());
  }

  /** Starts a login. Returns the URL that the browser navigated to. */
  async login() {
    await this.page.evaluate(() => window.call('login', undefined, 15_000));
    return (await this.state()).sentTo;
  }

  state() {
    return this.page.evaluate(() => window.stateOf());
  }

  /** Sets the switches. */
  async turn(faults) {
    if (!this.isInWorker) await this.page.evaluate((wanted) => window.brokenApis.break(wanted), faults);
    else await this.page.evaluate((wanted) => window.brokenApis.inWorker(wanted), faults);
  }

  async call(name) {
    // A call before there is a vault waits for it as long as the start does.
    const bound = isStart(this.cell) ? START_BOUND : this.cell.bound ?? CALL_BOUND;
    const answer = this.page.evaluate((given) => window.call(...given), [name, this.apiUrl, bound]);
    if (this.cell.unbounded && this.cell.way === 'silent') {
      await pause(PATIENCE);
      await this.page.evaluate(() => window.caller.abort());
    }
    return answer;
  }

  outcomeOf(start, called, isKept) {
    const started = start && this.outcomeOfStart(start);
    const both = started && called ? `${started}; \`${CALLS[this.cell.moment]}\`: ${called}` : started ?? called;
    return isKept ? both : `${both}: ${this.reason ?? 'the session is lost'}`;
  }

  /** Why the user may be signed out. */
  get reason() {
    const { ends, forgets, moment, vault } = this.cell;
    return moment === 'return' ? forgets : vault === 'worker' && ends || undefined;
  }

  outcomeOfStart({ pending, error, code, isAuthError, value }) {
    if (pending) return 'never settles';
    if (error) return `rejects: ${isAuthError ? code : error}`;
    const { status, sentTo, vault, error: reason } = value;
    const wanted = this.cell.vault === 'auto' ? 'shared' : this.cell.vault;
    const where = vault === wanted ? '' : `, vault in the ${vault}`;
    if (sentTo) return `sent to the provider${where}`;
    return `${[status, reason].filter(Boolean).join(': ')}${where}`;
  }

  outcomeOfCall(name, { pending, error, code, isAborted, isAuthError, value, state: { status, sentTo } }) {
    if (pending) return 'never settles';
    if (error) return isAborted ? "ends with the caller's signal" : `${isAuthError ? code : error}`;
    if (name === 'login') return sentTo ? 'sent to the provider' : 'settles, and the browser stays';
    if (name === 'logout') return `${sentTo ? 'sent to the provider' : 'the browser stays'}, ${status}`;
    return name === 'fetch' ? value : 'renewed';
  }

  /** Whether a user who was signed in still is, at the latest once the API works again. */
  async isKept() {
    const { status, sentTo } = await this.state();
    switch (this.cell.moment) {
      case 'return':
      case 'callback':
        return status !== 'signed-out' || sentTo !== null;
      case 'renewal':
      case 'auth.fetch':
        if (status === 'signed-in') return true;
        await this.restoreApis();
        return this.page.evaluate((bound) => window.comesBack(bound), RETURN_BOUND);
      default:
        return true;
    }
  }

  /** Everything works again. A worker that is gone is not notified. */
  async restoreApis() {
    await this.page.evaluate(() => {
      window.brokenApis.break({});
      return Promise.race([window.brokenApis.inWorker({}), new Promise((resolve) => { setTimeout(resolve, 500); })]);
    });
  }

  /** The errors of the page and its worker, except for the file that was made to fail. */
  async allPageErrors() {
    await this.restoreApis();
    const ofWorker = await this.page.evaluate(() => window.brokenApis.ofWorker);
    const all = [...this.pageErrors, ...ofWorker.map((pageError) => `vault: ${pageError}`)];
    return [...new Set(all)].filter((pageError) => !pageError.includes(BROKEN_FILE));
  }
}
