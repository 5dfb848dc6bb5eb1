// A tab, with the same interface in every engine.
import { randomUUID } from 'node:crypto';
import { eventually } from '../../e2e/support/eventually.js';

/** Milliseconds that a page is watched at a time. Tabs take turns in some engines, so no turn is long. */
const LOOK = 200;
const TURN = 250;

/** Calls a function in the page. Its result comes as JSON, because the engines treat other values differently. */
async function answer(work, args) {
  try {
    return JSON.stringify({ value: await work(...args) });
  } catch (error) {
    return JSON.stringify({ error: `${error} ${error?.code ?? ''}`.trim() });
  }
}

/**
 * Starts a call in the page and waits for its result for one turn; without `begin` it continues to wait. Returns `null` while
 * there is no result.
 */
function wait(key, turn, begin) {
  const calls = (window.callsOfTheTest ??= new Map());
  if (begin) calls.set(key, begin());
  const left = JSON.stringify({ error: 'It was left before it answered.' });
  return Promise.race([calls.get(key) ?? left, new Promise((resolve) => { setTimeout(resolve, turn, null); })]);
}

/** Waits in the page until a check returns something truthy. In a hidden tab timers run once per second, so it checks once there. */
async function look(check, args, within) {
  const deadline = performance.now() + within;
  for (;;) {
    const found = await check(...args);
    if (found || document.hidden || performance.now() > deadline) return found;
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

/** The one visible and usable element, with this text if it is given. */
function pick(selector, text) {
  const isMeant = (element) => element.checkVisibility() && !element.disabled && (text === null || element.innerText.trim() === text);
  const [element, another] = [...document.querySelectorAll(selector)].filter(isMeant);
  return another ? undefined : element;
}

const isThere = (found, ...args) => Boolean(found(...args));

/** A value as source code for the page. Functions may be among the arguments of functions. */
function source(value) {
  if (typeof value === 'function') return `(${value})`;
  return Array.isArray(value) ? `[${value.map(source).join(', ')}]` : JSON.stringify(value) ?? 'undefined';
}

const call = (work, ...args) => `(${work})(${args.map(source).join(', ')})`;

export class Page {
  isClosed = false;

  constructor(tab) {
    this.tab = tab;
  }

  open(url) {
    return this.tab.open(url);
  }

  /** The URL, as the page has it: not every engine's tool notices when a cached page is shown again. */
  url() {
    return this.evaluate(() => location.href);
  }

  reload() {
    return this.tab.reload();
  }

  /** Goes back. The tab may not have arrived yet: some engines do not report when they show a cached page. */
  async back() {
    await this.tab.evaluate('(async () => { setTimeout(() => history.back()); })()');
  }

  close() {
    this.isClosed = true;
    return this.tab.close();
  }

  /** Calls a function in the page, and returns its result. It takes and returns JSON, and may be async. */
  evaluate(work, ...args) {
    return this.#answer(call(answer, work, args));
  }

  async #answer(expression) {
    const key = randomUUID();
    let text = await this.tab.evaluate(`(${wait})('${key}', ${TURN}, () => ${expression})`);
    // An engine also returns nothing if the tab went to another page, or only to another URL of the same one.
    while (text === null) text = await this.tab.evaluate(call(wait, key, TURN));
    const { value, error } = JSON.parse(text);
    if (error) throw new Error(`The page says: ${error}`);
    return value;
  }

  /** Waits until a function in the page returns something truthy, and returns that. The page may be left meanwhile, and may throw. */
  until(check, ...args) {
    const expression = call(answer, look, [check, args, LOOK]);
    return eventually(`${check} with ${source(args)}`, () => this.#answer(expression));
  }

  async click(selector, text = null) {
    await this.tab.click(await this.#found(selector, text));
  }

  /** Types into a box, replacing its content. */
  async fill(selector, text) {
    await this.tab.fill(await this.#found(selector, null), text);
  }

  /** Waits for an element, and returns the expression for it. */
  async #found(selector, text) {
    await this.until(isThere, pick, selector, text);
    return call(pick, selector, text);
  }
}
