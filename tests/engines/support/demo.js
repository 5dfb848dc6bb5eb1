// The demo, and the provider's pages, as far as the tests know their labels. All else is in `Page`.

export class Demo {
  constructor(page, site) {
    this.page = page;
    this.site = site;
  }

  open(path = '') {
    return this.page.open(this.site.url(path));
  }

  /** Waits until the status says this. */
  says(words) {
    return this.page.until((wanted) => document.querySelector('[role=status]')?.innerText.trim() === wanted, words);
  }

  isSignedOut() {
    return this.says('Signed out');
  }

  isSignedIn({ email, tenant }) {
    return this.says(`Signed in as ${email} (${tenant})`);
  }

  press(button) {
    return this.page.click('button', button);
  }

  async logIn(user) {
    await this.page.fill('#tenant-name', user.tenant);
    await this.press('Log in');
    await this.page.fill('#email', user.email);
    await this.page.fill('#password', user.password);
    await this.press('Sign in');
    await this.isSignedIn(user);
  }

  /** Waits until a region of the page contains these words. */
  shows(region, words) {
    return this.page.until((title, wanted) => {
      const headings = [...document.querySelectorAll('h2, h3')].filter((one) => one.innerText.trim() === title);
      return headings.some((heading) => heading.closest('section, article, [role=group]')?.innerText.includes(wanted));
    }, region, words);
  }

  /** Logs out, and waits for the page to which the provider redirects. */
  async logOut() {
    await this.page.evaluate(() => { window.isLeft = true; });
    await this.press('Log out');
    await this.page.until(() => !window.isLeft);
    await this.isSignedOut();
  }
}
