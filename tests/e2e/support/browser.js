// One Chromium for each file of tests.
import { after } from 'node:test';
import { chromium } from 'playwright-core';

const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

let launched;

/** The browser of this file, started when it is first needed. */
export function browser() {
  launched ??= chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ARGUMENTS });
  return launched;
}

after(async () => {
  if (launched) await (await launched).close();
});
