// Chromium by its own protocol, Firefox by WebDriver BiDi.
import puppeteer from 'puppeteer-core';
import { ARGUMENTS, CHROMIUM } from '../../e2e/support/chromium.js';

const BROWSERS = {
  chromium: { browser: 'chrome', executablePath: CHROMIUM, args: ARGUMENTS },
  firefox: {
    browser: 'firefox',
    executablePath: process.env.FIREFOX || '/usr/bin/firefox-esr',
    extraPrefsFirefox: {
      // Nothing may cover the page, or change its requests.
      'signon.rememberSignons': false,
      'signon.autofillForms': false,
      'dom.security.https_first': false,
      'dom.security.https_only_mode': false,
      'browser.aboutwelcome.enabled': false,
      'datareporting.policy.dataSubmissionEnabled': false,
    },
  },
};

function withResolvers() {
  let resolve;
  return { promise: new Promise((settle) => { resolve = settle; }), resolve };
}

class Tab {
  constructor(page) {
    this.page = page;
  }

  open(url) {
    return this.page.goto(url);
  }

  reload() {
    return this.page.reload();
  }

  /** Firefox never answers a call to a page that has been left: the next page ends the wait. */
  async evaluate(expression) {
    const { promise: next, resolve } = withResolvers();
    this.page.once('framenavigated', resolve);
    try {
      return await Promise.race([this.page.evaluate(expression), next.then(() => null)]);
    } finally {
      this.page.off('framenavigated', resolve);
    }
  }

  async #element(expression) {
    return (await this.page.evaluateHandle(expression)).asElement();
  }

  async click(expression) {
    await (await this.#element(expression)).click();
  }

  async fill(expression, text) {
    const element = await this.#element(expression);
    await element.evaluate((input) => { input.value = ''; });
    await element.type(text);
  }

  close() {
    return this.page.close();
  }
}

async function visit(browser) {
  const context = await browser.createBrowserContext();
  const pageErrors = [];
  return {
    /** What the browser itself wrote to the pages' consoles. */
    pageErrors,
    async newTab() {
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error') pageErrors.push(`console: ${message.text()} (${message.location().url})`);
      });
      page.on('pageerror', (error) => pageErrors.push(`page: ${error.stack ?? error}`));
      return new Tab(page);
    },
    close: () => context.close(),
  };
}

export async function launchByPuppeteer(name) {
  const browser = await puppeteer.launch({ headless: true, ...BROWSERS[name] });
  return { visit: () => visit(browser), close: () => browser.close() };
}
