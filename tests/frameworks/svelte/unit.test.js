// The store, the getters and the guards, with a session that the tests set.
import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { GlobalRegistrator } from '@happy-dom/global-registrator';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build } from 'vite';
import { scratch } from '../../packaging/support/scratch.js';
import { failed, fakeSession, LOADING, signedIn, signedOut } from '../support/fake.js';

const root = await scratch('svelte-unit', import.meta.dirname);
await cp(path.join(import.meta.dirname, 'variants'), root, { recursive: true });
await build({
  root, configFile: false, logLevel: 'warn', plugins: [svelte({ configFile: false })],
  build: { lib: { entry: 'unit.js', formats: ['es'], fileName: 'unit' }, minify: false },
});
GlobalRegistrator.register({ url: 'https://app.example/' });
after(() => GlobalRegistrator.unregister());
const { createAuthStore, flushSync, mount, requireAuth, Unit, unmount } = await import(pathToFileURL(path.join(root, 'dist/unit.js')));

function shown(session, login) {
  const target = document.createElement('div');
  const component = mount(Unit, { target, props: { session, login } });
  flushSync();
  return { component, text: (id) => target.querySelector(`#${id}`).textContent.trim(), button: () => target.querySelector('button') };
}

/** Everything that is due has run, timers of 0 ms included. */
async function turn() {
  flushSync();
  await later(1);
  flushSync();
}

test('the getters and the store follow the state, until the component is gone', async () => {
  const session = fakeSession();
  const { component, text } = shown(session);
  assert.deepEqual([text('getters'), text('store')], ['loading, true, false, , true', 'loading']);
  session.set(signedIn());
  await turn();
  assert.deepEqual([text('getters'), text('store')], ['signed-in, false, true, , true', 'signed-in']);
  session.set(failed('declined'));
  await turn();
  assert.deepEqual([text('getters'), text('store')], ['failed, false, false, declined, true', 'failed']);
  await unmount(component);
  await turn();
  assert.equal(session.listeners.size, 0);
});

test('the store calls with the state at once, and outside of components the getters are plain', () => {
  const session = fakeSession(signedOut());
  const store = createAuthStore(session);
  const seen = [];
  const stop = store.subscribe(({ status }) => seen.push(status));
  session.set(signedIn());
  stop();
  session.set(signedOut());
  assert.deepEqual(seen, ['signed-out', 'signed-in']);
  assert.equal(store.isSignedIn, false);
});

test('the user info is that of the user who is signed in, and late answers about another one are ignored', async () => {
  const session = fakeSession(signedIn('ada'));
  const { text } = shown(session);
  session.set(signedIn('grace'));
  await turn();
  assert.equal(session.userInfos.length, 2);
  session.userInfos[1].resolve({ userId: 'grace' });
  session.userInfos[0].resolve({ userId: 'ada' });
  await turn();
  assert.equal(text('user'), 'grace');
  session.set({ ...session.state, renewals: 1 });
  await turn();
  assert.equal(session.userInfos.length, 2);
  session.set(signedOut());
  await turn();
  assert.equal(text('user'), '');
});

test('the guard of a layout: nothing, then one automatic login, then the page', async () => {
  const session = fakeSession();
  const { text } = shown(session, { tenantName: 'acme' });
  assert.equal(text('page'), 'one moment');
  session.set(signedOut());
  await turn();
  session.set({ ...session.state, vaultFallback: 'shared: none' });
  await turn();
  assert.deepEqual(session.logins, [{ automatic: true, tenantName: 'acme' }]);
  assert.equal(text('page'), 'one moment');
  session.set(signedIn());
  await turn();
  assert.equal(text('page'), 'secret');
});

test('the guard of a layout: after a logout and after a failed sign-in it waits for a click', async () => {
  const session = fakeSession(signedIn());
  const { button, text } = shown(session);
  session.set(signedOut('signed-out'));
  await turn();
  assert.equal(text('page'), 'logged out');
  button().click();
  assert.deepEqual(session.logins, [{ automatic: false }]);
  session.set(failed('declined'));
  await turn();
  assert.equal(text('page'), 'declined');
  session.refusal = new Error('login_loop');
  button().click();
  await turn();
  assert.equal(text('page'), 'login_loop');
});

test('the guard of a layout: unmounted before it leaves, it does not leave', async () => {
  const session = fakeSession(LOADING);
  const { component } = shown(session);
  session.set(signedOut());
  await unmount(component);
  await turn();
  assert.deepEqual(session.logins, []);
});

test('requireAuth waits while the state is loading, and lets a user who is signed in pass', async () => {
  const session = fakeSession();
  let isOver = false;
  const required = requireAuth(createAuthStore(session), new URL('https://app.example/account')).then(() => { isOver = true; });
  await turn();
  assert.equal(isOver, false);
  session.set(signedIn());
  await required;
  assert.equal(session.listeners.size, 0);
});

test('requireAuth logs in with the target of the navigation, and is not fulfilled while the browser leaves', async () => {
  const session = fakeSession(signedOut());
  let isOver = false;
  requireAuth(createAuthStore(session), new URL('https://app.example/account?tab=api#keys'), { tenantName: 'acme' }).then(() => { isOver = true; });
  await turn();
  const returnTo = 'https://app.example/account?tab=api#keys';
  assert.deepEqual(session.logins, [{ automatic: true, keepInHistory: true, returnTo, tenantName: 'acme' }]);
  assert.equal(isOver, false);
});

test('requireAuth lets the page be shown after a failed sign-in, and if no login can start', async () => {
  const session = fakeSession(failed('declined'));
  await requireAuth(createAuthStore(session), new URL('https://app.example/account'));
  assert.deepEqual(session.logins, []);
  session.set(signedOut());
  session.refusal = new Error('login_loop');
  await requireAuth(createAuthStore(session), new URL('https://app.example/account'));
});
