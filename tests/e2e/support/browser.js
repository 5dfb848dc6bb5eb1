// One Chromium for each file of tests.
import { after } from 'node:test';
import { chromium } from 'playwright-core';
import { ARGUMENTS, CHROMIUM } from './chromium.js';

const launched = new Map();

/**
 * The browser of this file, started when it is first needed. With `keepsPages` another one, that keeps pages which are left as
 * they are for the back button, as browsers do that nobody steers.
 */
export function browser({ keepsPages = false } = {}) {
  if (!launched.has(keepsPages)) {
    launched.set(keepsPages, chromium.launch({
      executablePath: CHROMIUM,
      args: ARGUMENTS,
      ignoreDefaultArgs: keepsPages ? ['--disable-back-forward-cache'] : [],
    }));
  }
  return launched.get(keepsPages);
}

after(async () => {
  for (const started of launched.values()) await (await started).close();
});
