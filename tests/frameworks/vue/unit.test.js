// The plugin, the composables, the guard and the component, with a session that the tests set.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { GlobalRegistrator } from '@happy-dom/global-registrator';
import { scratch } from '../../packaging/support/scratch.js';
import { failed, fakeSession, LOADING, signedIn, signedOut } from '../support/fake.js';

const root = await scratch('vue-unit', import.meta.dirname);
const dist = path.join(root, 'node_modules/wristband-spa-auth/dist');
await writeFile(path.join(dist, 'index.js'), 'export const openAuth = (options) => globalThis.opened(options);');
GlobalRegistrator.register({ url: 'https://app.example/base/' });
after(() => GlobalRegistrator.unregister());
const { createApp, h, nextTick } = await import('vue');
const { createMemoryHistory, createRouter } = await import('vue-router');
const { createAuthGuard, createAuthPlugin, RequireAuth, useAuth, useUserInfo } = await import(pathToFileURL(path.join(dist, 'vue.js')));

/** An app with one component, and what its `setup` returned. */
function mount(session, setup, options) {
  const element = document.createElement('div');
  let used;
  const app = createApp({ setup: () => ((used = setup()), () => used.render?.() ?? null) });
  app.use(createAuthPlugin(session, options)).mount(element);
  return { app, element, used };
}

const routerOf = (guards = {}) => createRouter({
  history: createMemoryHistory('/base'),
  routes: [
    { path: '/', component: { render: () => null } },
    { path: '/account', component: { render: () => null }, meta: { requiresAuth: true } },
    { path: '/other', component: { render: () => null }, ...guards },
  ],
});

/** Everything that is due has run, timers of 0 ms included. */
async function turn() {
  await nextTick();
  await later(1);
  await nextTick();
}

/** Lets the package open this session instead of one with a vault. */
const opens = (session) => { globalThis.opened = (options) => Object.assign(session, { options }); };

test('the state is reactive, and the session of the app outlives it', async () => {
  const session = fakeSession();
  const { app, used } = mount(session, () => useAuth());
  assert.equal(used.isLoading.value, true);
  session.set(signedIn());
  assert.deepEqual([used.state.value, used.isLoading.value, used.isSignedIn.value, used.error.value], [session.state, false, true, null]);
  session.set(failed('declined'));
  assert.equal(used.error.value, session.state.error);
  app.unmount();
  assert.equal(session.listeners.size, 0);
  assert.equal(session.isDisposed, undefined);
});

test('a session that cannot be opened is a state, and not an exception', async () => {
  const error = new Error('config_invalid');
  globalThis.opened = () => { throw error; };
  const { used } = mount({ clientId: 'client' }, () => useAuth());
  assert.equal(used.state.value.status, 'failed');
  assert.equal(used.error.value, error);
  await assert.rejects(used.fetch('/'), error);
});

test('useAuth says that the plugin is missing', () => {
  const app = createApp({ setup: () => useAuth() });
  app.config.warnHandler = () => {};
  assert.throws(() => app.mount(document.createElement('div')), /createAuthPlugin/);
});

test('the user info is that of the user who is signed in, and late answers about another one are ignored', async () => {
  const session = fakeSession(signedIn('ada'));
  const { app, used } = mount(session, () => useUserInfo());
  session.set(signedIn('grace'));
  await nextTick();
  assert.equal(session.userInfos.length, 2);
  session.userInfos[1].resolve({ userId: 'grace' });
  session.userInfos[0].resolve({ userId: 'ada' });
  await turn();
  assert.equal(used.userInfo.value.userId, 'grace');
  session.set({ ...session.state, renewals: 1 });
  await nextTick();
  assert.equal(session.userInfos.length, 2);
  session.set(signedOut());
  await nextTick();
  assert.equal(used.userInfo.value, null);
  used.refresh();
  session.userInfos[2].reject(new Error('not signed in'));
  await turn();
  assert.match(used.error.value.message, /not signed in/);
  app.unmount();
});

test('the guard waits while the state is loading, and shows the page to a user who is signed in', async () => {
  const session = fakeSession();
  const router = routerOf();
  mount(session, () => ({}), { router }).app.use(router);
  const gone = router.push('/account');
  await turn();
  assert.equal(router.currentRoute.value.path, '/');
  session.set(signedIn());
  await gone;
  assert.equal(router.currentRoute.value.path, '/account');
  assert.deepEqual(session.logins, []);
  // The guard has stopped to listen; the plugin has not.
  assert.equal(session.listeners.size, 1);
});

test('the guard logs in with the target of the navigation, base included, and keeps the page that has the link in the history', async () => {
  const session = fakeSession(signedOut());
  const router = routerOf();
  mount(session, () => ({}), { router, login: { tenantName: 'acme' } }).app.use(router);
  await router.push('/');
  let isOver = false;
  router.push('/account?tab=api#keys').finally(() => { isOver = true; });
  await turn();
  const returnTo = 'https://app.example/base/account?tab=api#keys';
  assert.deepEqual(session.logins, [{ automatic: true, keepInHistory: true, returnTo, tenantName: 'acme' }]);
  assert.equal(isOver, false);
});

test('the guard of a page whose URL the tab has already leaves no entry that would log in again', async () => {
  const session = fakeSession(signedOut());
  const router = routerOf();
  mount(session, () => ({}), { router }).app.use(router);
  location.href = 'https://app.example/base/account';
  router.push('/account');
  await turn();
  assert.equal(session.logins[0].keepInHistory, false);
  location.href = 'https://app.example/base/';
});

for (const [name, session] of [['a failed sign-in', fakeSession(failed('declined'))], ['a login that cannot start', fakeSession(signedOut())]]) {
  test(`after ${name} the guard lets the router show the page`, async () => {
    session.refusal = new Error('login_loop');
    const router = routerOf();
    mount(session, () => ({}), { router }).app.use(router);
    await router.push('/account');
    assert.equal(router.currentRoute.value.path, '/account');
  });
}

test('the guard as `beforeEnter`, and none after the app was unmounted', async () => {
  const session = fakeSession(signedOut());
  const guarded = { beforeEnter: (to) => createAuthGuard(router)(to) };
  const router = routerOf(guarded);
  const { app } = mount(session, () => ({}), { router });
  app.use(router);
  router.push('/other');
  await turn();
  assert.equal(session.logins.length, 1);
  app.unmount();
  await router.push('/account');
  assert.equal(session.logins.length, 1);
});

test('a session that the plugin opens is given the router, whose paths begin after its base, and ends with the app', async () => {
  const session = fakeSession(signedIn());
  opens(session);
  const replaced = [];
  const router = Object.assign(routerOf(), { replace: async (to) => void replaced.push(to) });
  const { app } = mount({ clientId: 'client' }, () => ({}), { router });
  for (const path of ['/base/account?tab=api#keys', '/base', '/base?tab=api', '/basement']) session.options.navigate(path);
  assert.deepEqual(replaced, ['/account?tab=api#keys', '/', '/?tab=api', '/basement']);
  app.unmount();
  assert.equal(session.isDisposed, true);
});

test('an app that has a `navigate` of its own keeps it', () => {
  const session = fakeSession();
  opens(session);
  const navigate = () => {};
  mount({ clientId: 'client', navigate }, () => ({}), { router: routerOf() });
  assert.equal(session.options.navigate, navigate);
});

const page = (slots = {}) => ({ render: () => h(RequireAuth, null, { default: () => 'secret', fallback: () => 'one moment', ...slots }) });

test('RequireAuth: a fallback, then one automatic login', async () => {
  const session = fakeSession();
  const { element } = mount(session, () => page());
  assert.equal(element.textContent, 'one moment');
  session.set(signedOut());
  await turn();
  session.set({ ...session.state, vaultFallback: 'shared: none' });
  await turn();
  assert.deepEqual(session.logins, [{ automatic: true }]);
  assert.equal(element.textContent, 'one moment');
  session.set(signedIn());
  await nextTick();
  assert.equal(element.textContent, 'secret');
});

test('RequireAuth: after a logout it waits for a click', async () => {
  const session = fakeSession(signedIn());
  const { element } = mount(session, () => page());
  session.set(signedOut('signed-out'));
  await turn();
  assert.deepEqual(session.logins, []);
  element.querySelector('[role=alert] button').click();
  assert.deepEqual(session.logins, [{ automatic: false }]);
});

test('RequireAuth: the session expired, so it logs in', async () => {
  const session = fakeSession(signedIn());
  mount(session, () => page());
  session.set(signedOut('expired'));
  await turn();
  assert.deepEqual(session.logins, [{ automatic: true }]);
});

test('RequireAuth: a failed sign-in and a refused login are shown, with the slot of the app', async () => {
  const session = fakeSession(failed('declined'));
  const { element } = mount(session, () => page({ failure: ({ error }) => error?.message }));
  await turn();
  assert.deepEqual([element.textContent, session.logins], ['declined', []]);
  session.refusal = new Error('login_loop');
  session.set(signedOut());
  await turn();
  assert.equal(element.textContent, 'login_loop');
});

test('RequireAuth: unmounted before it leaves, it does not leave', async () => {
  const session = fakeSession(LOADING);
  const { app } = mount(session, () => page());
  session.set(signedOut());
  await nextTick();
  app.unmount();
  await turn();
  assert.deepEqual(session.logins, []);
});
