// On a server: no page, no session.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { scratch } from '../../packaging/support/scratch.js';

const root = await scratch('svelte-ssr', import.meta.dirname);
const { createAuthGuard, createAuthStore, createUserInfo, requireAuth } = await import(
  pathToFileURL(path.join(root, 'node_modules/wristband-spa-auth/dist/svelte.js'))
);

test('on a server the state stays `loading`, guards let `load` go on, and no session starts', async () => {
  const store = createAuthStore({ clientId: 'client', redirectUri: 'https://app.example/callback', issuer: 'https://provider.example' });
  assert.equal(store.state.status, 'loading');
  const guard = createAuthGuard(store);
  assert.deepEqual([guard.isOpen, guard.failure, createUserInfo(store).current], [false, null, null]);
  await requireAuth(store, new URL('https://app.example/account'));
  await assert.rejects(store.login(), { code: 'config_invalid' });
  store.subscribe(({ status }) => assert.equal(status, 'loading'))();
});
