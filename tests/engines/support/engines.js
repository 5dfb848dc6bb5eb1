// The engines, behind one interface: `launch(name)` → `visit()` → `newPage()`.
import { Page } from './page.js';
import { launchByPuppeteer } from './puppeteer.js';
import { launchWebKit } from './webkit.js';

const LAUNCHERS = {
  chromium: () => launchByPuppeteer('chromium'),
  firefox: () => launchByPuppeteer('firefox'),
  webkit: launchWebKit,
};

/** The engines that the tests use: those in `ENGINES`, separated by commas, or all. */
export const ENGINES = (process.env.ENGINES || Object.keys(LAUNCHERS).join()).split(',');

/** Starts an engine. Every visit has a separate storage that ends with it. */
export async function launch(name) {
  if (!Object.hasOwn(LAUNCHERS, name)) throw new Error(`"${name}" is no engine: there are ${Object.keys(LAUNCHERS).join(', ')}.`);
  const engine = await LAUNCHERS[name]();
  return {
    async visit() {
      const visit = await engine.visit();
      return { ...visit, newPage: async () => new Page(await visit.newTab()) };
    },
    close: engine.close,
  };
}
