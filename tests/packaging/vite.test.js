// Vite, as its users have it: the examples for React and Vue, with no setting for the package.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { build } from 'vite';
import { WASM } from './support/policies.js';
import { change, example } from './support/scratch.js';
import { logIn, wholeSession } from './support/session.js';
import { files, visit } from './support/stage.js';
import { devServer, NONCE } from './support/vite-dev.js';

async function built(name, as) {
  const root = await example(name, as);
  await build({ root, logLevel: 'warn' });
  return path.join(root, 'dist');
}

test('Vite build, with React', async () => {
  const folder = await built('react');
  await visit({ start: files(folder) }, wholeSession);
  const vaults = (await readdir(path.join(folder, 'assets'))).filter((name) => name.startsWith('vault'));
  assert.deepEqual(vaults.map(path.extname).sort(), ['.js', '.wasm'], 'The vault is there once.');
});

// Vue makes a policy of its own when it is loaded.
const VUE_POLICY = { policies: 'vue' };

test('Vite build, with Vue', async () => {
  await visit({ start: files(await built('vue')), policy: VUE_POLICY }, wholeSession);
});

// The refresh of React is a script in the page, and Vite puts styles there.
const DEV_POLICY = { script: `'nonce-${NONCE}'`, style: `'nonce-${NONCE}'` };

test('Vite dev server, with React in its strict mode', async () => {
  const root = await example('react', 'react-dev');
  await visit({ start: devServer(root), policy: DEV_POLICY }, wholeSession);
});

test('Vite dev server, with a source that is edited while somebody is signed in', async () => {
  const root = await example('react', 'react-edited');
  const edit = (name, from, to) => change(path.join(root, 'src', name), from, to);
  await visit({ start: devServer(root), policy: DEV_POLICY }, async (world) => {
    const { app, page, watched, witness } = world;
    await logIn(world);
    const { length: pages } = watched.navigations;

    await edit('Account.tsx', 'User info', 'About you');
    await page.getByRole('heading', { name: 'About you', exact: true }).waitFor();
    // The module that starts the session runs once more.
    await edit('auth.ts', '"/config.json"', '"/config.json?edited"');
    await page.waitForRequest('**/config.json?edited');
    await app.says(/^Signed in to acme$/);
    await app.callApi();
    assert.equal(watched.navigations.length, pages, 'The page was loaded anew.');
    assert.equal(witness.tokenRequests().length, 1);
  });
});

test('Vite build, where the session lives in the page', async () => {
  const start = files(await built('vue', 'vue-page'));
  await visit({ start, settings: { vault: 'page' }, policy: { ...VUE_POLICY, script: WASM } }, async ({ app }) => {
    await app.open();
    await app.says(/^Signed out$/);
  });
});
