// One Chromium for each file of tests.
import { after } from 'node:test';
import { chromium } from 'playwright-core';

const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
  // A heap snapshot shows strings in full, and not their first thousand characters.
  '--js-flags=--heap-snapshot-string-limit=100000000'];

const launched = new Map();

/**
 * The browser of this file, started when it is first needed. With `keepsPages` another one, that keeps pages which are left as
 * they are for the back button, as browsers do that nobody steers.
 */
export function browser({ keepsPages = false } = {}) {
  if (!launched.has(keepsPages)) {
    launched.set(keepsPages, chromium.launch({
      executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
      args: ARGUMENTS,
      ignoreDefaultArgs: keepsPages ? ['--disable-back-forward-cache'] : [],
    }));
  }
  return launched.get(keepsPages);
}

after(async () => {
  for (const started of launched.values()) await (await started).close();
});
