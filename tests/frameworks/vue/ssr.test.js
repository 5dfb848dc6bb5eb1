// On a server: no page, no session.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createSSRApp, h } from 'vue';
import { createMemoryHistory, createRouter } from 'vue-router';
import { renderToString } from 'vue/server-renderer';
import { scratch } from '../../packaging/support/scratch.js';

const root = await scratch('vue-ssr', import.meta.dirname);
const before = Reflect.ownKeys(globalThis).length;
const { createAuthPlugin, RequireAuth, useAuth, useUserInfo } = await import(pathToFileURL(path.join(root, 'node_modules/wristband-spa-auth/dist/vue.js')));

const OPTIONS = { clientId: 'client', redirectUri: 'https://app.example/callback', issuer: 'https://provider.example' };

test('importing the binding in Node has no side effects', () => {
  assert.equal(Reflect.ownKeys(globalThis).length, before);
});

test('a server renders the state `loading`, the fallback of a protected page, and starts no session', async () => {
  let used;
  const Page = {
    setup() {
      used = { ...useAuth(), ...useUserInfo() };
      return () => [used.state.value.status, h(RequireAuth, null, { default: () => 'secret', fallback: () => 'one moment' })];
    },
  };
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/account', component: Page, meta: { requiresAuth: true } }] });
  const app = createSSRApp({ render: () => h(Page) }).use(createAuthPlugin(OPTIONS, { router })).use(router);
  // The guard does not wait for a session that never starts.
  await router.push('/account');
  assert.equal(router.currentRoute.value.path, '/account');
  const html = await renderToString(app);
  assert.match(html, /loading.*one moment/);
  assert.doesNotMatch(html, /secret/);
  assert.equal(used.userInfo.value, null);
  await assert.rejects(used.login(), { code: 'config_invalid' });
  await assert.rejects(used.auth.ready, { code: 'config_invalid' });
});
