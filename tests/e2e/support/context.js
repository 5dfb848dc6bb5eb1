// A visitor's browser context, and the time limit of a test in it.
import { setTimeout as pause } from 'node:timers/promises';
import { browser, forgetBrowsers } from './browser.js';

/** How long a test waits for what should happen at once. Machines can be busy. */
const PATIENCE = 15_000;

/** A browser that does not even answer for an empty page. No tested code runs in that. */
export class HungBrowser extends Error {}

/** A promise's result, or that of `otherwise` if it takes too long. */
export async function inTime(promise, otherwise = () => {}) {
  const ended = new AbortController();
  const late = pause(PATIENCE, undefined, { signal: ended.signal }).then(otherwise, (error) => { if (!ended.signal.aborted) throw error; });
  return Promise.race([promise, late]).finally(() => ended.abort());
}

const answers = (page) => inTime(page.evaluate(() => true)).catch(() => false);

/** Says why something did not end: because of the tested code, or of the browser. */
async function unfinished(context, within) {
  const isWell = await inTime(context.newPage().then(answers)).catch(() => false);
  if (!isWell) return new HungBrowser('The browser did not answer an empty page.');
  const pages = await Promise.all(context.pages().map(async (page) => `${page.url()} ${(await answers(page)) ? 'answers' : 'does not answer'}`));
  return new Error(`It did not end within ${within} ms. The pages: ${pages.join(', ')}.`);
}

/** Runs `work` in a separate context, which is closed afterwards. */
export async function inContext({ options, within, ...kind }, work) {
  const context = await inTime(browser(kind).then((one) => one.newContext(options)));
  if (!context) {
    forgetBrowsers();
    throw new HungBrowser('The browser did not open a context.');
  }
  context.setDefaultTimeout(PATIENCE);
  const ended = new AbortController();
  const late = pause(within, undefined, { signal: ended.signal }).then(async () => { throw await unfinished(context, within); });
  try {
    await Promise.race([work(context), late]);
  } catch (error) {
    if (error instanceof HungBrowser) forgetBrowsers();
    throw error;
  } finally {
    late.catch(() => {});
    ended.abort();
    const isClosed = await inTime(context.close().then(() => true));
    // A browser that cannot even close it is not used again.
    if (!isClosed) forgetBrowsers();
  }
}
