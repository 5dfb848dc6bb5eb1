// The JavaScript package on a test page, as an app uses it.
import { ProviderPages } from './demo.js';
import { eventually } from './eventually.js';

/** One tab with the package. */
export class App {
  constructor(page, site) {
    this.page = page;
    this.site = site;
    this.provider = new ProviderPages(page);
  }

  open(page = '') {
    return this.page.goto(this.site.url(page));
  }

  /** Waits for this status, and returns the state: in one step, because the page may redirect before another. */
  is(status) {
    return eventually(`the state ${status}`, () => this.page.evaluate((wanted) => {
      const state = window.auth?.state;
      return state?.status === wanted && state;
    }, status));
  }

  state() {
    return this.page.evaluate(() => window.auth.state);
  }

  isSignedIn({ tenant }) {
    return eventually(`a user of ${tenant}`, () => this.page.evaluate((name) => {
      const state = window.auth?.state;
      return state?.tenantName === name && state;
    }, tenant));
  }

  async isSignedOut() {
    return (await this.is('signed-out')).reason;
  }

  /** Waits until the sign-in has failed, and returns the code. */
  async failure() {
    await this.is('failed');
    return this.page.evaluate(() => window.auth.state.error.code);
  }

  isReady() {
    return this.page.waitForFunction(() => window.auth);
  }

  /** Starts a login. The tab is then on its way to the provider, and may not have arrived yet. */
  async leave(options = { tenantName: 'acme' }) {
    await this.isReady();
    await this.page.evaluate((login) => { window.auth.login(login); }, options);
  }

  async logIn(user) {
    await this.leave({ tenantName: user.tenant });
    await this.provider.signIn(user);
    return this.isSignedIn(user);
  }

  /** Logs out, and waits until the provider has redirected back. The page may be gone before it learns that it is leaving. */
  async logOut() {
    await this.isReady();
    const back = this.page.waitForEvent('load');
    await this.page.evaluate(() => { window.auth.logout(); });
    await back;
    await this.is('signed-out');
  }

  /** Calls a function of the session. Returns `done`, or the code of the error. */
  async call(name, argument) {
    await this.isReady();
    return this.page.evaluate(([method, value]) => window.auth[method](value).then(() => 'done', ({ code }) => code), [name, argument]);
  }

  /** Calls the API this many times at once. Returns the status of each call, or the code of its error. */
  callApi(times = 1) {
    return this.page.evaluate((count) => {
      const call = () => window.auth.fetch(window.apiUrl).then(({ status }) => status, ({ code }) => code);
      return Promise.all(Array.from({ length: count }, call));
    }, times);
  }

  hasRenewed(times) {
    return this.page.waitForFunction((wanted) => window.auth?.state.renewals === wanted, times);
  }
}
