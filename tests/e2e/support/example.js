// The examples in Leptos and Yew, as a user sees them: they look the same.
import assert from 'node:assert/strict';
import { ProviderPages } from './demo.js';
import { eventually } from './eventually.js';

/** One tab with an example. */
export class Example {
  constructor(page, site) {
    this.page = page;
    this.site = site;
    this.provider = new ProviderPages(page);
    this.tenantName = page.getByRole('textbox', { name: 'Tenant name', exact: true });
    this.alert = page.getByRole('alert');
    for (const name of ['Log in', 'Log out', 'Try again', 'Invite a colleague']) this[name] = page.getByRole('button', { name, exact: true });
  }

  open(page = '') {
    return this.page.goto(this.site.url(page));
  }

  /** Logs in from the first page. */
  async logIn(user) {
    await this.tenantName.fill(user.tenant);
    await this['Log in'].click({ noWaitAfter: true });
    await this.provider.signIn(user);
    await this.isSignedIn(user);
  }

  isSignedIn({ email, tenant }) {
    return this.says(`Signed in as ${email} (${tenant})`);
  }

  isSignedOut() {
    return this.says('Signed out');
  }

  says(line) {
    return this.page.getByRole('status').getByText(line, { exact: true }).waitFor();
  }

  /** Follows one of the app's own links. */
  follow(link) {
    return this.page.getByRole('link', { name: link, exact: true }).click({ noWaitAfter: true });
  }

  /** The tab's URL, as the app's own path. */
  where() {
    const { origin, pathname, search, hash } = new URL(this.page.url());
    return origin === this.site.origin ? pathname + search + hash : origin;
  }

  isAt(address) {
    return eventually(`the address ${address}`, () => {
      assert.equal(this.where(), address);
      return true;
    });
  }

  /** Waits until the page of an invoice is shown, with the API's data and what the router makes of the URL. */
  async showsInvoice(id, { customer, query = '', fragment = '' }) {
    await this.page.getByRole('heading', { name: `Invoice ${id}`, exact: true }).waitFor();
    await this.page.getByText(customer, { exact: true }).waitFor();
    await this.page.getByText(`Query: ${query}, fragment: ${fragment}`, { exact: true }).waitFor();
  }
}
