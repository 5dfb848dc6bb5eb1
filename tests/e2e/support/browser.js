// One Chromium for each file of tests.
import { after } from 'node:test';
import { chromium } from 'playwright-core';
import { ARGUMENTS, CHROMIUM } from './chromium.js';

// A heap snapshot shows strings in full, and not their first thousand characters.
const OWN = [...ARGUMENTS, '--js-flags=--heap-snapshot-string-limit=100000000'];

const launched = new Map();

/**
 * The browser of this file, started when it is first needed. With `keepsPages` another one, that keeps pages which are left as
 * they are for the back button, as browsers do that nobody steers. With `trusts` one that trusts every certificate, in workers too.
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

/** Has the next test start a browser anew: these no longer answer. */
export function forgetBrowsers() {
  for (const started of launched.values()) started.then((hung) => hung.close()).catch(() => {});
  launched.clear();
}

after(async () => {
  for (const started of launched.values()) await (await started).close();
});
