// The window of the app, and what any script in it could see.
import { eventually } from '../../e2e/support/eventually.js';
import { installStringsOf } from '../../e2e/support/strings.js';
import { newSession } from '../../engines/support/webdriver.js';
import { installRecorder } from './recorder.js';

/** Runs in the page: what a script can read there. */
async function visibleIn(recorded) {
  const databases = await indexedDB.databases().catch(() => []);
  const caches = await window.caches?.keys().catch(() => []) ?? [];
  const texts = [];
  const nodes = [document];
  while (nodes.length > 0) {
    const node = nodes.pop();
    texts.push(node.nodeValue ?? '', String(node.value ?? ''));
    nodes.push(...node.childNodes);
  }
  return {
    document: [document.documentElement.outerHTML, ...texts],
    'what the commands brought': recorded,
    'what the global object leads to': window.stringsOf(window, { most: 100_000, inherited: true }),
    "Tauri's own members": window.stringsOf(window.__TAURI_INTERNALS__, { most: 10_000, inherited: true }),
    'performance entries': performance.getEntries().flatMap((entry) => window.stringsOf(entry, { inherited: true })),
    storage: [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie, window.name],
    'databases and caches': [JSON.stringify(databases), JSON.stringify(caches)],
    'address and history': [location.href, JSON.stringify(history.state)],
  };
}

export class AppWindow {
  static async open(driver, binary) {
    const session = await newSession(driver.port, {
      timeouts: { script: 60_000 },
      'webkitgtk:browserOptions': { binary, args: [] },
    });
    const app = new AppWindow(driver, session);
    await app.shows('.status');
    await session.evaluate(`(${installStringsOf})(), Promise.resolve()`);
    await session.evaluate(`(${installRecorder})(), Promise.resolve()`);
    return app;
  }

  constructor(driver, session) {
    Object.assign(this, { driver, session });
  }

  evaluate(expression) {
    return this.session.evaluate(expression);
  }

  /** Calls a command, as a script in the page would. Returns its result, or why it failed. (The driver's own errors are called `error`.) */
  invoke(command, payload = {}) {
    const call = `window.__TAURI_INTERNALS__.invoke(${JSON.stringify(command)}, ${JSON.stringify(payload)})`;
    return this.evaluate(`${call}.then((result) => ({ result }), (error) => ({ refused: error?.code ?? String(error) }))`);
  }

  text() {
    return this.evaluate('Promise.resolve(document.body.innerText)');
  }

  /** Waits until the page has this element. */
  shows(selector) {
    return eventually(selector, () => this.evaluate(`Promise.resolve(document.querySelector(${JSON.stringify(selector)}) !== null)`));
  }

  async showsText(text) {
    let last;
    try {
      await eventually(text, async () => (last = await this.text()).includes(text));
    } catch (error) {
      throw new Error(`The window shows: ${last}`, { cause: error });
    }
  }

  /** Clicks the button with this label, as soon as it can be clicked. */
  async clickButton(label) {
    const button = `[...document.querySelectorAll('button')].find((button) => button.textContent === ${JSON.stringify(label)})`;
    await eventually(label, () => this.evaluate(`Promise.resolve(${button}?.disabled === false)`));
    await this.session.click(await this.session.element(button));
  }

  async fill(selector, text) {
    await this.session.type(await this.session.element(`document.querySelector(${JSON.stringify(selector)})`), text);
  }

  /** All that can be read in the page, as strings by place. */
  visible() {
    return this.evaluate(`(${visibleIn})(window.recorded)`);
  }

  screenshot() {
    return this.session.screenshot();
  }

  /** Closes the window, as its user does. The app ends. */
  async close() {
    await this.session.closeWindow();
    await this.session.end().catch(() => {});
    await this.driver.stop();
  }
}
