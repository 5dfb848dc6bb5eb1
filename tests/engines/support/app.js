// The page with the JavaScript package, and the provider's pages, as far as the tests know their labels. All else is in `Page`.

export class App {
  constructor(page, site) {
    this.page = page;
    this.site = site;
  }

  open(path = '') {
    return this.page.open(this.site.url(path));
  }

  state() {
    return this.page.evaluate(() => window.auth.state);
  }

  /** Waits for this status, and returns the state. */
  is(status) {
    return this.page.until((wanted) => window.auth.state.status === wanted && window.auth.state, status);
  }

  /** Starts a login. The tab is then on its way to the provider, and may not have arrived yet. */
  async leave(options = { tenantName: 'acme' }) {
    await this.page.until(() => window.auth);
    await this.page.evaluate((login) => { window.auth.login(login); }, options);
  }

  /** Fills in the provider's form. */
  async signIn({ email, password }) {
    await this.page.fill('#email', email);
    await this.page.fill('#password', password);
    await this.page.click('button', 'Sign in');
  }

  async logIn(user) {
    await this.leave({ tenantName: user.tenant });
    await this.signIn(user);
    return this.is('signed-in');
  }

  renew() {
    return this.page.evaluate(() => window.auth.renew().then(() => {}));
  }

  /** Logs out, and waits for the page to which the provider redirects. */
  async logOut() {
    await this.page.evaluate(() => {
      window.isLeft = true;
      window.auth.logout();
    });
    await this.page.until(() => !window.isLeft);
    return this.is('signed-out');
  }

  /** Calls the API, and returns its response. */
  callApi() {
    return this.page.evaluate(async () => {
      const response = await window.auth.fetch(window.apiUrl);
      return { status: response.status, body: await response.json() };
    });
  }
}
