// One Chromium for each file of tests.
import { after } from 'node:test';
import { chromium } from 'playwright-core';
import { ARGUMENTS, CHROMIUM } from './chromium.js';

// A heap snapshot contains strings in full, and not only their first thousand characters.
const OWN = [...ARGUMENTS, '--js-flags=--heap-snapshot-string-limit=100000000'];

const launched = new Map();

/**
 * The browser of this file, started when it is first needed. With `keepsPages` another one, with the back/forward cache, as
 * browsers have it that are not automated. With `trusts` one that trusts every certificate, in workers too.
 */
export function browser({ keepsPages = false, trusts = false } = {}) {
  const kind = `${keepsPages} ${trusts}`;
  if (!launched.has(kind)) {
    launched.set(kind, chromium.launch({
      executablePath: CHROMIUM,
      args: trusts ? [...OWN, '--ignore-certificate-errors'] : OWN,
      ignoreDefaultArgs: keepsPages ? ['--disable-back-forward-cache'] : [],
    }));
  }
  return launched.get(kind);
}

/** Has the next test start new browsers: these no longer answer. */
export function forgetBrowsers() {
  for (const started of launched.values()) started.then((hung) => hung.close()).catch(() => {});
  launched.clear();
}

after(async () => {
  for (const started of launched.values()) await (await started).close();
});
