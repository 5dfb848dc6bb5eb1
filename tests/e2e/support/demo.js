// The demo and the provider's pages, as a user sees them.
import assert from 'node:assert/strict';
import { eventually } from './eventually.js';

const escaped = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The provider's pages in the tab of the demo. */
export class ProviderPages {
  constructor(page) {
    this.page = page;
    this.email = page.getByRole('textbox', { name: 'Email', exact: true });
    this.password = page.getByRole('textbox', { name: 'Password', exact: true });
    this.signInButton = page.getByRole('button', { name: 'Sign in', exact: true });
    this.tenantName = page.getByRole('textbox', { name: 'Tenant name', exact: true });
    this.continueButton = page.getByRole('button', { name: 'Continue', exact: true });
    this.alert = page.getByRole('alert');
  }

  async signIn({ email, password }) {
    await this.email.fill(email);
    await this.password.fill(password);
    await this.signInButton.click();
  }
}

const BUTTONS = [
  'Log in', 'Log out', 'Switch tenant', 'Renew now', 'Call API',
  'Go offline', 'Back online', 'Expire now', 'Open a second tab', 'Reload', 'Forge a callback', 'Read the tokens',
];

/** One tab with the demo. */
export class Demo {
  constructor(page, site) {
    this.page = page;
    this.site = site;
    this.provider = new ProviderPages(page);
    this.tenantName = page.getByRole('textbox', { name: 'Tenant name', exact: true });
    this.loginHint = page.getByRole('textbox', { name: 'Login hint', exact: true });
    for (const name of BUTTONS) this[name] = page.getByRole('button', { name, exact: true });
    this.userInfo = page.getByRole('region', { name: 'User info', exact: true });
    this.session = page.getByRole('region', { name: 'Session', exact: true });
    this.drawing = page.getByRole('region', { name: 'Where the tokens are', exact: true });
    this.log = page.getByRole('region', { name: 'What happened', exact: true });
    this.api = page.getByRole('region', { name: 'API', exact: true });
    this.status = page.getByRole('status');
  }

  open(page = '') {
    return this.page.goto(this.site.url(page));
  }

  /**
   * Goes back, as the browser's own button does: neither the page that is left nor the next one is asked anything.
   * Both may be on their way elsewhere, to restore a session, and waiting for a load would fail when it is interrupted.
   */
  async goBack() {
    const browser = await this.page.context().newCDPSession(this.page);
    const { currentIndex, entries } = await browser.send('Page.getNavigationHistory');
    const gone = this.page.waitForEvent('framenavigated');
    await browser.send('Page.navigateToHistoryEntry', { entryId: entries[currentIndex - 1].id });
    await gone;
    await browser.detach();
  }

  /** Starts a login. The tab is then on its way to the provider, and may not have arrived yet. */
  async leave({ tenant = '', hint = '' } = {}) {
    await this.tenantName.fill(tenant);
    if (hint) await this.loginHint.fill(hint);
    await this['Log in'].click({ noWaitAfter: true });
  }

  async logIn(user) {
    await this.leave({ tenant: user.tenant });
    await this.provider.signIn(user);
    await this.isSignedIn(user);
  }

  async isSignedIn({ email, tenant }) {
    const line = tenant === undefined ? `^Signed in as ${escaped(email)}( \\(.*\\))?$` : `^Signed in as ${escaped(email)} \\(${escaped(tenant)}\\)$`;
    await this.says(new RegExp(line));
  }

  isSignedOut() {
    return this.says(/^Signed out$/);
  }

  says(line) {
    return eventually(`the status ${line}, at ${this.page.url()}`, async () => {
      const said = (await this.status.allInnerTexts()).map((text) => text.trim());
      assert.ok(said.some((text) => line.test(text)), `The status says ${JSON.stringify(said)}.`);
      return true;
    });
  }

  /** Waits for an alert with this code, and returns its text. */
  async alerts(code) {
    const alert = this.page.getByRole('alert').filter({ hasText: code });
    await alert.waitFor();
    const text = await alert.innerText();
    assert.ok(text.replaceAll(code, '').split(/\s+/).length > 5, `"${text}" says nothing to a person.`);
    return text;
  }

  /** Calls the API, and returns its response. */
  async callApi() {
    await this['Call API'].click();
    return this.answerOfApi();
  }

  async answerOfApi() {
    await this.api.getByText('"sub"').waitFor();
    return this.api.innerText();
  }

  /** Renews, and waits until that has been counted. */
  async renew(times) {
    await this['Renew now'].click();
    await this.hasRenewed(times);
  }

  hasRenewed(times) {
    const words = { 0: 'Not yet', 1: 'Once' }[times] ?? `${times} times`;
    return this.session.getByText(words, { exact: true }).waitFor();
  }

  /** Waits until the page shows this outcome of an attempt. */
  async outcome(attempt, words) {
    await this.page.getByRole('group', { name: attempt, exact: true }).locator('.outcome').filter({ hasText: words }).waitFor();
  }

  /** The tab's URL, as the app's own path. */
  where() {
    const { origin, pathname, search, hash } = new URL(this.page.url());
    assert.equal(origin, this.site.origin);
    return pathname + search + hash;
  }

  isAt(address) {
    return eventually(`the address ${address}`, () => {
      assert.equal(this.where(), address);
      return true;
    });
  }

  /**
   * Waits until a logout is over. The page shows that the user is signed out before it leaves for the provider, which names the tenant
   * it has logged out of when it redirects back.
   */
  isBackFrom(tenant) {
    return this.isAt(`/?tenant_name=${tenant}&tenant_domain=${tenant}`);
  }
}
