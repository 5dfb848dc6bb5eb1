// The fixtures of the local provider, in the real Playwright Test, beside an app with the package.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listen } from '../../../demo/provider/src/listen.js';
import { addProvider, project, runIn } from './support/project.js';

/** A port that was free a moment ago. */
async function freePort() {
  const { port, close } = await listen(() => {}, 0);
  await close();
  return port;
}

test('Playwright: signs in, expires tokens, changes keys, and makes the provider fail', { skip: !process.env.CHROMIUM && 'CHROMIUM names no browser' }, async () => {
  const root = await project('playwright');
  await addProvider(root);
  const printed = await runIn(root, '@playwright/test/cli.js', ['test', '--reporter=line'], { PORT: String(await freePort()), CI: '1' });
  assert.match(printed, /8 passed/);
});

test('Playwright: the types of the fixtures', async () => {
  const root = await project('playwright');
  await addProvider(root);
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022,dom,dom.iterable', '--types', 'node', '--skipLibCheck', 'false'];
  assert.equal((await runIn(root, 'typescript/bin/tsc', [...options, 'playwright.config.ts', 'src/main.ts', 'tests/login.spec.ts', 'tests/refusals.spec.ts'])).trim(), '');
});

test('a Node program starts the provider', async () => {
  const root = await project('provider');
  await addProvider(root);
  assert.match(await runIn(root, '../target/provider/start.js', []), /redirectUri: 'http:\/\/localhost:5173\/callback'/);
});
