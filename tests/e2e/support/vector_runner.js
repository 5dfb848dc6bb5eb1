// A misbehaving provider, and one page with the package, on which all vectors are run one after the other.
import assert from 'node:assert/strict';
import { startProvider } from '../../../demo/provider/src/provider.js';
import { App } from './app.js';
import { browser } from './browser.js';
import { configOf } from './config.js';
import { eventually } from './eventually.js';
import { APPS } from './harness.js';
import { expanded } from './vectors.js';
import { ada } from './people.js';
import { redirectOf } from './redirect.js';
import { startSite } from './site.js';
import { storageOf } from './storage.js';
import { watch } from './watch.js';
import { ProviderLog } from './provider_log.js';

/**
 * Runs in the page, which is never left: a navigation is recorded instead, and a page load is a new session, which has
 * only what is stored from the one before.
 */
function stay() {
  let sentTo;
  let visits = 0;
  window.navigation.addEventListener('navigate', (event) => {
    if (new URL(event.destination.url).origin === location.origin) return;
    event.preventDefault();
    sentTo = event.destination.url;
  });
  const cleared = (database, name) => new Promise((resolve) => {
    const transaction = database.transaction(name, 'readwrite');
    transaction.objectStore(name).clear();
    transaction.oncomplete = resolve;
  });
  const isSettled = (auth) => new Promise((resolve) => {
    const look = () => { if (auth.state.status !== 'loading') resolve(); };
    auth.subscribe(look);
    look();
  });
  const outcome = (code) => `${code}, ${window.auth.state.status}`;
  Object.assign(window, {
    async forgetEverything() {
      for (const { name } of await indexedDB.databases()) {
        const database = await new Promise((resolve) => { indexedDB.open(name).onsuccess = ({ target }) => resolve(target.result); });
        for (const store of database.objectStoreNames) await cleared(database, store);
        database.close();
      }
    },
    async arriveAt(path) {
      window.auth.dispose();
      history.replaceState(null, '', path);
      // A vault is shared by all clients with the same settings, even in one page. A login belongs to the settings, but not to the module's URL.
      visits += 1;
      window.auth = await window.start({ wasmUrl: `/vault.wasm?${visits}` });
      await isSettled(window.auth);
      return outcome(window.auth.state.error?.code ?? 'accepted');
    },
    async outcomeOf(name, argument) {
      sentTo = undefined;
      const code = await window.auth[name](argument).then(() => 'accepted', (error) => error.code);
      return { outcome: outcome(code), sentTo };
    },
  });
}

/** Starts it, and signs in to the provider's own session: from then on there is no password prompt. */
export async function startVectorRunner({ plain }) {
  const site = await startSite({ folders: APPS.pkg.folders, host: 'localhost', base: '/' });
  const provider = await startProvider({ plain, appOrigins: [site.origin], redirectUris: [site.url('callback')], logoutUrls: [site.url()] });
  site.config = { ...configOf({ provider, site, plain }), restore: 'none', linger: 0, ...(plain ? {} : { allowTenantChange: false }) };
  site.connectTo = [`http://${plain ? '' : '*.'}localhost:${provider.port}`];
  const context = await (await browser()).newContext();
  const runner = new VectorRunner({ context, plain, provider, site, watched: await watch(context) });
  await runner.begin();
  return runner;
}

class VectorRunner {
  constructor(world) {
    const { provider, site } = Object.assign(this, world);
    this.control = provider.control;
    this.providerLog = new ProviderLog(provider, world);
    this.known = { client: provider.clientId, issuer: provider.issuer, sub: this.control.users().find(({ email }) => email === ada.email).id };
    this.strangers = [];
    const own = [new URL(site.origin).port, String(provider.port)];
    this.context.on('request', (request) => {
      if (!own.includes(new URL(request.url()).port)) this.strangers.push(request.url());
    });
  }

  async begin() {
    this.page = await this.context.newPage();
    const app = new App(this.page, this.site);
    await app.open();
    await app.leave(this.optionsOf());
    await app.provider.signIn(ada);
    await app.is('signed-in');
    await this.page.evaluate(stay);
  }

  optionsOf(login) {
    return { ...(!this.plain && { tenantName: ada.tenant }), ...login };
  }

  /** Has the provider lie from now on. */
  order(faults) {
    const known = { ...this.known, now: Math.floor(Date.now() / 1000) };
    for (const fault of faults) this.control.addFault({ times: 99, ...expanded(fault, known) });
  }

  /** Runs the vector at its moment, and returns the outcome. */
  async tell(lie) {
    this.control.clearFaults();
    this.control.clearLog();
    const seen = await this[lie.moment](lie);
    assert.deepEqual(this.strangers.splice(0), [], 'A foreign host was requested.');
    // The browser's message about a response that it does not hand out is expected.
    assert.deepEqual(this.watched.unexpected([/^console: (Failed to load resource|Access to fetch)/]), [], 'The browser logged errors.');
    return seen;
  }

  outcomeOf(name, argument) {
    return this.page.evaluate(([method, value]) => window.outcomeOf(method, value), [name, argument]);
  }

  /** Opens a page of the app. Returns the outcome. */
  arriveAt(path) {
    return this.page.evaluate((where) => window.arriveAt(where), path);
  }

  /** Logs in, receives the lies from the provider, and comes back. Returns the outcome. */
  async comeBack(login, faults = []) {
    await this.arriveAt('/');
    const { outcome, sentTo } = await this.outcomeOf('login', this.optionsOf(login));
    assert.match(outcome, /^accepted/);
    this.order(faults);
    const callback = await redirectOf(sentTo, await this.context.cookies(sentTo));
    assert.ok(callback.startsWith(`${this.site.url('callback')}?`), `The provider sent the browser to ${callback}.`);
    return this.arriveAt(callback);
  }

  async departure({ faults, login }) {
    await this.arriveAt('/');
    this.order(faults);
    const { outcome, sentTo } = await this.outcomeOf('login', this.optionsOf(login));
    assert.equal(sentTo !== undefined, outcome.startsWith('accepted'));
    return outcome;
  }

  async login({ faults, login }) {
    const before = this.providerLog.lastRefreshToken();
    await this.page.evaluate(() => window.forgetEverything());
    const seen = await this.comeBack(login, faults);
    if (!seen.startsWith('accepted')) await this.leftNothing(before, faults);
    return seen;
  }

  /** A refused callback never leads to the token endpoint. */
  async callback(lie) {
    const seen = await this.login(lie);
    if (!/^(accepted|id_token_)/.test(seen)) assert.deepEqual(this.providerLog.tokenRequests(), []);
    return seen;
  }

  async renewal({ faults }) {
    assert.equal(await this.comeBack(), 'accepted, signed-in');
    this.order(faults);
    const { outcome } = await this.outcomeOf('renew');
    this.control.clearFaults();
    // After a lie a valid token is accepted, with the refresh token that came along with the lie.
    if (outcome.startsWith('id_token_')) assert.equal((await this.outcomeOf('renew')).outcome, 'accepted, signed-in');
    return outcome;
  }

  async ['user info']({ faults }) {
    assert.equal(await this.comeBack(), 'accepted, signed-in');
    this.order(faults);
    return (await this.outcomeOf('userInfo')).outcome;
  }

  /** A refused login leaves nothing behind: no hint, no token, and no refresh token that still works. */
  async leftNothing(before, faults) {
    const { databases, localStorage, sessionStorage } = await storageOf(this.page);
    assert.deepEqual({ localStorage, sessionStorage }, { localStorage: {}, sessionStorage: {} });
    for (const { hint } of Object.values(databases)) assert.deepEqual(hint, []);
    const token = this.providerLog.lastRefreshToken();
    // An unreadable token cannot be revoked.
    const isHidden = faults.some(({ endpoint, idToken }) => endpoint === 'token' && !idToken);
    if (token === before || isHidden) return;
    await eventually('the revocation', () => this.providerLog.requests('revoke').some(({ form, status }) => form.token === token && status === 200));
  }

  async close() {
    await this.context.close();
    await Promise.all([this.provider.close(), this.site.close()]);
  }
}
