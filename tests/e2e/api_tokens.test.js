// What other providers need of a session, in TypeScript and in Rust: a token for each API, the outcome of a sign-in, and of a logout.
import assert from 'node:assert/strict';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';

const { test } = stage({ app: 'pkg', plain: true });

async function logIn({ app, page }, options = {}) {
  await app.leave(options);
  await app.provider.signIn(ada);
  await page.waitForFunction(() => window.auth?.state.status === 'signed-in');
}

const statusesOf = ({ page }, urls) => page.evaluate((all) => Promise.all(all.map((url) => window.auth.fetch(url).then(({ status }) => status, ({ code }) => code))), urls);

test('law 6: each API gets its own token, once, and no other API sees it', async (world) => {
  const { app, control, provider, site, providerLog } = world;
  const [me, invoices] = [`${provider.api}me`, `${provider.api}invoices`];
  control.patchSettings({ profile: 'duende' });
  Object.assign(site.config, { apis: [me, { prefix: invoices, resource: 'urn:invoices', scope: 'openid' }], scopes: ['openid', 'profile', 'email', 'offline_access'] });
  await app.open();
  await logIn(world);
  // The API takes the tokens of one audience only.
  control.patchSettings({ apiAudiences: ['urn:invoices'] });
  assert.deepEqual(await statusesOf(world, [invoices, invoices, invoices]), [200, 200, 200]);
  control.patchSettings({ apiAudiences: [provider.api] });
  assert.deepEqual(await statusesOf(world, [me, me]), [200, 200]);
  const renewals = providerLog.tokenRequests('refresh_token');
  assert.deepEqual(renewals.map(({ form }) => [form.resource, form.scope]), [['urn:invoices', 'openid']], 'one request for the token of the second API');
});

test('a step-up that the user cancels leaves the session, and the page learns of it', async (world) => {
  const { app, control, page, site } = world;
  // A session in the page would be lost with it.
  site.config.vault = 'shared';
  await app.open();
  await logIn(world);
  assert.deepEqual(await page.evaluate(() => window.auth.lastSignIn), { returnTo: '/', error: null });
  control.addFault({ endpoint: 'authorize', redirect: { error: 'access_denied' } });
  await page.evaluate(() => { window.auth.login({ acrValues: ['urn:loa:2'], returnTo: '/?payments' }); });
  await page.waitForURL(/payments/);
  await page.waitForFunction(() => window.auth?.lastSignIn);
  const { returnTo, code } = await page.evaluate(() => ({ returnTo: window.auth.lastSignIn.returnTo, code: window.auth.lastSignIn.error.code }));
  assert.deepEqual([returnTo, code], ['/?payments', 'access_denied']);
  await page.reload();
  await page.waitForFunction(() => window.auth);
  assert.equal(await page.evaluate(() => window.auth.lastSignIn), null, 'it belongs to one page load');
});

test('where the provider has no logout, the app is told, and the next login asks for the password', async (world) => {
  const { app, control, page, site } = world;
  control.patchSettings({ profile: 'gitlab' });
  site.config.scopes = ['openid', 'profile', 'email'];
  await app.open();
  await logIn(world);
  assert.deepEqual(await page.evaluate(() => window.auth.logout()), { endsProviderSession: false });
  await page.waitForFunction(() => window.auth?.state.status === 'signed-out');
  await app.open('?later');
  await app.isReady();
  assert.equal(await page.evaluate(() => window.auth.state.reason), 'signed-out');
  await app.leave({});
  await app.provider.password.waitFor();
  await app.provider.signIn(ada);
  await page.waitForFunction(() => window.auth?.state.status === 'signed-in');
});

test('law 2: a nonce and a token that are both out of date are both renewed', async (world) => {
  const { app, control, provider, site, providerLog } = world;
  control.patchSettings({ dpop: 'required', apiDpopNonce: true });
  Object.assign(site.config, { dpop: 'required', vault: 'shared' });
  await app.open();
  await logIn(world);
  const me = `${provider.api}me`;
  assert.deepEqual(await statusesOf(world, [me]), [200]);
  control.expireAccessTokens();
  control.rotateDpopNonces();
  const before = providerLog.requests('api').length;
  assert.deepEqual(await statusesOf(world, [me]), [200]);
  assert.ok(providerLog.requests('api').length - before <= 4, 'each is tried once');
  assert.equal(providerLog.tokenRequests('refresh_token').length, 1);
});
