// Logout: everything ends, here and at the provider, whatever the network does.
import assert from 'node:assert/strict';
import { eventually } from './support/eventually.js';
import { hold, stage } from './support/harness.js';
import { ada } from './support/people.js';
import { storageFromSecondTab } from './support/storage.js';

const { test } = stage();

/** Logs out, and waits until the provider has redirected back. */
async function logOut({ demo, providerLog }) {
  await demo['Log out'].click();
  await demo.isBackFrom('acme');
  await demo.isSignedOut();
  assert.ok(providerLog.requests('logout').some(({ status }) => status === 302));
}

test('a logout ends the refresh token and the session at the provider, and returns', async (world) => {
  const { demo, page, provider, site, providerLog } = world;
  await demo.open();
  await demo.logIn(ada);
  const token = providerLog.lastRefreshToken();
  await logOut(world);

  const [logout] = providerLog.requests('logout');
  assert.equal(logout.host, `acme-invotastic.localhost:${provider.port}`);
  assert.deepEqual(logout.query, { client_id: provider.clientId, redirect_url: site.url() });
  assert.equal(new URL(page.url()).origin + new URL(page.url()).pathname, site.url());
  assert.deepEqual(providerLog.requests('revoke').map(({ form, status }) => [form.token, status]), [[token, 200]]);
  const { status, error } = await providerLog.tryRefreshToken(token);
  assert.deepEqual([status, error], [400, 'invalid_grant']);
});

test('the user of a single-tenant application logs out at its own host', async ({ control, demo, page, provider, site, providerLog }) => {
  control.patchSettings({ singleTenant: 'acme' });
  site.config.applicationAuthorization = true;
  await demo.open();
  await demo.leave({});
  await demo.provider.signIn(ada);
  // No parameter of the callback names the tenant.
  await demo.isSignedIn({ email: ada.email });
  await demo.isAt('/');
  await demo['Log out'].click();
  await eventually('the logout', () => providerLog.requests('logout').length === 1);
  await demo.isAt('/');
  await demo.isSignedOut();
  assert.equal(providerLog.requests('logout')[0].host, provider.applicationVanityDomain);
  await demo.leave({});
  await demo.provider.password.waitFor();
  assert.equal(new URL(page.url()).host, provider.applicationVanityDomain);
});

test('after a logout the provider asks for the password again', async (world) => {
  const { demo, providerLog } = world;
  await demo.open();
  await demo.logIn(ada);
  await logOut(world);
  await demo.leave({ tenant: 'acme' });
  await demo.provider.password.waitFor();
  assert.equal(providerLog.tokenRequests().length, 1);
  await demo.provider.signIn(ada);
  await demo.isSignedIn(ada);
});

test('without a logout the provider does not ask again', async ({ demo, newDemo }) => {
  // The counterpart of the test above: there the password page is shown because of the logout.
  await demo.open();
  await demo.logIn(ada);
  const other = await newDemo();
  await other.open('?second');
  await other.isSignedIn(ada);
});

test('everything is forgotten before the request to the provider', async ({ context, demo, page, site, providerLog }) => {
  // A logout waits three seconds for the revocation. However long the test takes to look, it has to wait here.
  await context.addInitScript(() => { AbortSignal.timeout = () => new AbortController().signal; });
  await demo.open();
  await demo.logIn(ada);
  const revocation = await hold(page, (url) => url.pathname.endsWith('/revoke'));
  await demo['Log out'].click();
  await revocation.arrived;
  await demo.isSignedOut();
  assert.equal(await demo.userInfo.count(), 0);
  await eventually('the hint to go', async () => {
    const { databases } = await storageFromSecondTab(context, site);
    return Object.values(databases).every((stores) => Object.values(stores).every((records) => records.length === 0));
  });
  assert.deepEqual(providerLog.requests('logout'), []);
  revocation.release();
  await eventually('the logout', () => providerLog.requests('logout').length === 1);
  await demo.isSignedOut();
});

test('other tabs follow, and keep no working token', async (world) => {
  const { control, demo, newDemo, providerLog } = world;
  await demo.open();
  await demo.logIn(ada);
  const other = await newDemo();
  await other.open('?second');
  await other.isSignedIn(ada);
  await logOut(world);
  await other.isSignedOut();
  await other['Log in'].waitFor();
  assert.equal(await other.userInfo.count(), 0);
  const { refreshTokens } = control.issued();
  assert.equal(refreshTokens.length, 2);
  await eventually('both revocations', () => refreshTokens.every((token) => (
    providerLog.requests('revoke').some(({ form, status }) => form.token === token && status === 200))));
  for (const token of refreshTokens) assert.equal((await providerLog.tryRefreshToken(token)).error, 'invalid_grant');
});

test('a failed revocation does not prevent the logout', { announced: [/Failed to load resource.*503/] }, async (world) => {
  const { control, demo } = world;
  await demo.open();
  await demo.logIn(ada);
  control.addFault({ endpoint: 'revoke', status: 503, times: 9 });
  await logOut(world);
});

test('an interrupted revocation does not prevent the logout', { announced: [/Failed to load resource: net::ERR_/] }, async (world) => {
  const { control, demo } = world;
  await demo.open();
  await demo.logIn(ada);
  control.addFault({ endpoint: 'revoke', drop: 'before', times: 9 });
  await logOut(world);
});

test('a hanging revocation does not prevent the logout', async (world) => {
  const { control, demo, providerLog } = world;
  await demo.open();
  await demo.logIn(ada);
  control.addFault({ endpoint: 'revoke', delayMs: 8_000 });
  await demo['Log out'].click();
  await eventually('the logout', () => providerLog.requests('logout').length === 1);
  assert.deepEqual(providerLog.requests('revoke').map(({ status }) => status), [null]);
  await demo['Log in'].waitFor();
  await demo.isSignedOut();
});
