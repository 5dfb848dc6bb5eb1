// Vite's dev server, which moves packages before it serves them, without a setting for this one. It runs in its own process:
// a build makes everything after it a production build as well.
import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { createServer } from 'vite';
import { ada } from '../e2e/support/people.js';
import { change, example } from './support/scratch.js';
import { logIn, wholeSession } from './support/session.js';
import { visit } from './support/stage.js';
import { devServer, NONCE } from './support/vite-dev.js';

// React's refresh is an inline script, and Vite adds inline styles.
const DEV_POLICY = { script: `'nonce-${NONCE}'`, style: `'nonce-${NONCE}'` };

test('Vite dev server: a whole session, with React in its strict mode', async () => {
  const root = await example('react', 'react-dev');
  await visit({ start: devServer(createServer, root), policy: DEV_POLICY }, wholeSession);
});

test('Vite dev server: a source edited while the user is signed in', async () => {
  const root = await example('react', 'react-edited');
  const edit = (name, from, to) => change(path.join(root, 'src', name), from, to);
  await visit({ start: devServer(createServer, root), policy: DEV_POLICY }, async (world) => {
    const { app, page, watched, providerLog } = world;
    await logIn(world);
    const { length: pages } = watched.navigations;

    await edit('Account.tsx', 'User info', 'About you');
    await page.getByRole('heading', { name: 'About you', exact: true }).waitFor();
    // And a component that stays mounted on every page.
    await edit('Layout.tsx', 'Sign-in with React', 'Another title');
    await page.getByRole('heading', { name: 'Another title', exact: true }).waitFor();
    await app.says(/^Signed in to acme$/);
    await app.callApi();
    assert.equal(watched.navigations.length, pages, 'The page was reloaded.');
    assert.equal(providerLog.tokenRequests().length, 1);
  });
});

test('Vite dev server: a session started in an effect, which the strict mode runs twice', async () => {
  const root = await example('react', 'react-effect');
  await copyFile(new URL('support/effect.tsx', import.meta.url), path.join(root, 'src/main.tsx'));
  await visit({ start: devServer(createServer, root), policy: DEV_POLICY }, async ({ app, page, site, providerLog }) => {
    const starts = [];
    page.on('request', (request) => { if (request.url() === site.url('config.json')) starts.push(request); });
    await app.open();
    await app.says(/^signed-out$/);
    assert.equal(starts.length, 2);
    await app['Log in'].click();
    await app.provider.signIn(ada);
    await app.says(/^signed-in$/);
    await page.reload();
    await app.says(/^signed-in$/);
    assert.equal(providerLog.authorizeRequests().length, 1);
    assert.equal(providerLog.tokenRequests().length, 1);
  });
});

test('Vite 7 dev server, which moves the package’s module away from its worker: a whole session', async () => {
  const root = await example('react', 'react-vite-7');
  await visit({ start: devServer((await import('vite-7')).createServer, root, { configFile: false }), policy: DEV_POLICY }, wholeSession);
});
