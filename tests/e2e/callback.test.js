// The callback: used once, by the browser that started the login, and removed from every URL before any request.
import assert from 'node:assert/strict';
import { hold, isTokenRequest, stage } from './support/harness.js';
import { ada } from './support/people.js';
import { historyOf } from './support/storage.js';

const { test } = stage();

/** The app's URLs in a tab's history that still show a callback. */
async function leftovers(demo) {
  const own = (await historyOf(demo.page)).filter((url) => url.startsWith(demo.site.origin));
  assert.ok(own.length > 0);
  return own.filter((url) => /[?&#](code|state|error)=/.test(url));
}

const callbackOf = ({ site, watched }) => watched.navigations.find((url) => url.startsWith(`${site.url('callback')}?`));

test('the URL and the history are clean before the token request', async (world) => {
  const { demo, page, providerLog } = world;
  await demo.open();
  await demo.leave({ tenant: 'acme' });
  await demo.provider.email.waitFor();
  const exchange = await hold(page, isTokenRequest);
  await demo.provider.signIn(ada);
  await exchange.arrived;

  assert.match(callbackOf(world), /[?&]code=.*&state=/);
  assert.equal(await page.evaluate(() => location.href), demo.site.url('callback'));
  assert.deepEqual(await leftovers(demo), []);
  assert.deepEqual(providerLog.tokenRequests(), []);
  exchange.release();
  await demo.isSignedIn(ada);
  assert.equal(demo.where(), '/');
  assert.deepEqual(await leftovers(demo), []);
});

test('going back and forward after a login uses no code twice', async (world) => {
  const { demo, page, providerLog } = world;
  await demo.open();
  await demo.logIn(ada);
  await page.goto('about:blank');
  await demo.goBack();
  await demo.isSignedIn(ada);
  await demo.open('about');
  await demo.isSignedIn(ada);
  await demo.goBack();
  await demo.isSignedIn(ada);
  const codes = providerLog.tokenRequests('authorization_code').map(({ form }) => form.code);
  assert.equal(new Set(codes).size, codes.length);
  assert.deepEqual(providerLog.tokenRequests().filter(({ status }) => status !== 200), []);
  assert.equal(await page.getByRole('alert').count(), 0);
});

test('a callback opened again is ignored, and the session is restored as on any other page', async (world) => {
  const { control, demo, page, providerLog } = world;
  await demo.open();
  await demo.logIn(ada);
  control.clearLog();
  const url = callbackOf(world);
  await page.goto(url);
  await demo.isSignedIn(ada);
  const used = new URL(url).searchParams.get('code');
  assert.ok(providerLog.tokenRequests().every(({ form }) => form.code !== used));
  assert.deepEqual(await leftovers(demo), []);
});

test('a callback in a second tab sends no code, and does not affect the first tab', async (world) => {
  const { demo, newDemo, providerLog } = world;
  await demo.open();
  await demo.logIn(ada);
  const other = await newDemo();
  await other.page.goto(callbackOf(world));
  await other.isSignedIn(ada);
  const codes = providerLog.tokenRequests().map(({ form }) => form.code);
  assert.equal(new Set(codes).size, codes.length);
  await demo.isSignedIn(ada);
  assert.match(await demo.callApi(), /ada@acme\.example/);
});

test('of two tabs with the same callback one signs in', async (world) => {
  const { demo, newDemo, page, providerLog } = world;
  await demo.open();
  await demo.leave({ tenant: 'acme' });
  await demo.provider.email.waitFor();
  const exchange = await hold(page, isTokenRequest);
  await demo.provider.signIn(ada);
  await exchange.arrived;
  const other = await newDemo();
  await other.page.goto(callbackOf(world));
  // The login of this callback is no longer pending, so that tab starts one of its own.
  await other.provider.email.waitFor();
  exchange.release();
  await demo.isSignedIn(ada);
  assert.equal(providerLog.tokenRequests().length, 1);
});

for (const [what, query, code] of [
  ['a forged state', 'code=forged&state=forged', 'state_unknown'],
  ['an error with a forged state', 'error=access_denied&state=forged', 'state_unknown'],
  ['two codes', 'code=a&code=b&state=forged', 'state_unknown'],
  ['a code and an error', 'code=a&error=b&state=forged', 'state_unknown'],
]) {
  test(`${what} ends with a message, without any request`, async ({ control, demo, site }) => {
    site.config.restore = 'none';
    await demo.open(`callback?${query}`);
    const text = await demo.alerts(code);
    await demo.isSignedOut();
    assert.equal(demo.where(), '/callback');
    assert.deepEqual(await leftovers(demo), []);
    assert.deepEqual(control.log(), []);
    assert.ok(!text.includes('forged'));
    assert.ok(await demo['Log in'].isEnabled());
  });
}

for (const query of ['code=WELCOME10', 'error=not_found']) {
  test(`law 4: without a state ?${query} is no callback, and stays in the URL`, async ({ control, demo, page }) => {
    await demo.open(`?${query}`);
    await demo.isSignedOut();
    assert.equal(await page.getByRole('alert').count(), 0);
    assert.equal(new URL(page.url()).search, `?${query}`);
    assert.deepEqual(control.log(), []);
  });
}

test('a forged callback does not affect a pending login', async ({ demo, newDemo }) => {
  await demo.open();
  await demo.leave({ tenant: 'acme' });
  await demo.provider.email.waitFor();
  const other = await newDemo();
  await other.open('callback?code=forged&state=forged&tenant_name=acme');
  await other.provider.email.waitFor();
  await demo.provider.signIn(ada);
  await demo.isSignedIn(ada);
});

test('an error response is shown with the provider’s words, and no token is requested', async ({ control, demo, providerLog }) => {
  control.addFault({ endpoint: 'authorize', redirect: { error: 'access_denied', error_description: 'Not today.' } });
  await demo.open();
  await demo.leave({ tenant: 'acme' });
  assert.match(await demo.alerts('access_denied'), /Not today\./);
  await demo.isSignedOut();
  await demo.isAt('/');
  assert.deepEqual(providerLog.tokenRequests(), []);
  await demo.logIn(ada);
});

for (const [what, redirect, code] of [
  ['another state', { state: 'forged-by-a-third-party' }, 'state_unknown'],
  ['another tenant', { tenant_name: 'globex' }, 'tenant_mismatch'],
]) {
  test(`a callback with ${what} never reaches the token endpoint`, async ({ control, demo, providerLog, site }) => {
    Object.assign(site.config, { allowTenantChange: false, restore: 'none' });
    control.addFault({ endpoint: 'authorize', redirect });
    await demo.open();
    await demo.leave({ tenant: 'acme' });
    await demo.provider.signIn(ada);
    await demo.alerts(code);
    await demo.isSignedOut();
    assert.deepEqual(await leftovers(demo), []);
    assert.deepEqual(providerLog.tokenRequests(), []);
  });
}
