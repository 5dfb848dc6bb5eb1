// Login: where it leads, what it returns, and what it sends.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe } from 'node:test';
import { stage } from './support/harness.js';
import { ada, grace, hank } from './support/people.js';

const { test } = stage();
const hostOf = (page) => new URL(page.url()).host;

for (const [tenant, user, name] of [['acme', ada, 'Ada Lovelace'], ['globex', hank, 'Hank Scorpio']]) {
  test(`a login to the tenant ${tenant} leads to its own host and comes back with a session`, async ({ demo, page, provider }) => {
    await demo.open();
    await demo.isSignedOut();
    await demo.leave({ tenant });
    await demo.provider.email.waitFor();
    assert.equal(hostOf(page), `${tenant}-invotastic.localhost:${provider.port}`);
    await demo.provider.signIn(user);
    await demo.isSignedIn(user);
    assert.equal(demo.where(), '/');
    assert.equal(await demo['Log in'].count(), 0);
    await demo.userInfo.getByText(name, { exact: true }).first().waitFor();
    await demo.userInfo.getByText(user.email, { exact: true }).waitFor();
    await demo.userInfo.getByText(user.role, { exact: true }).waitFor();
  });
}

test('users of one tenant have their own roles', async ({ demo }) => {
  await demo.open();
  await demo.logIn(grace);
  await demo.userInfo.getByText(grace.role, { exact: true }).waitFor();
  assert.equal(await demo.userInfo.getByText(ada.role, { exact: true }).count(), 0);
});

test('a login returns to the URL where it started, with query and fragment', async ({ demo }) => {
  await demo.open('?from=mail&again=%2F#inbox');
  await demo.logIn(ada);
  await demo.isAt('/?from=mail&again=%2F#inbox');
});

test('a login started by the login route returns to another page, with query and fragment', async ({ demo, page, watched }) => {
  const back = '/about?view=all#checks';
  await demo.open(`login?${new URLSearchParams({ tenant_name: 'acme', return_url: back })}`);
  await demo.provider.signIn(ada);
  await demo.isSignedIn(ada);
  await demo.isAt(back);
  await page.getByRole('heading', { name: 'What is checked' }).waitFor();
  const callbacks = watched.navigations.filter((url) => new URL(url).pathname === '/callback');
  assert.equal(callbacks.length, 1);
});

test('a return address of another origin is dropped', async ({ demo }) => {
  for (const elsewhere of ['https://evil.example/', '//evil.example/', '/\\evil.example/']) {
    await demo.open(`login?${new URLSearchParams({ tenant_name: 'acme', return_url: elsewhere })}`);
    await demo.provider.email.waitFor();
  }
  await demo.provider.signIn(ada);
  await demo.isSignedIn(ada);
  assert.match(demo.where(), /^\/(callback)?$/);
});

test("the login hint fills in the provider's form", async ({ demo, providerLog }) => {
  await demo.open();
  await demo.leave({ tenant: 'acme', hint: grace.email });
  await demo.provider.email.waitFor();
  assert.equal(await demo.provider.email.inputValue(), grace.email);
  assert.equal(providerLog.authorizeRequests()[0].query.login_hint, grace.email);
});

test('a wrong password stays with the provider, and the right one still gets in', async ({ demo, page, provider, providerLog }) => {
  await demo.open();
  await demo.leave({ tenant: 'acme' });
  await demo.provider.signIn({ ...ada, password: 'wrong' });
  await demo.provider.alert.getByText('wrong').waitFor();
  assert.equal(hostOf(page), `acme-invotastic.localhost:${provider.port}`);
  assert.deepEqual(providerLog.tokenRequests(), []);
  await demo.provider.signIn(ada);
  await demo.isSignedIn(ada);
});

test("without a tenant name the application's own login page asks for it", async ({ demo, page, provider, watched }) => {
  await demo.open();
  await demo.leave();
  await demo.provider.continueButton.waitFor();
  assert.equal(hostOf(page), provider.applicationVanityDomain);
  await demo.provider.tenantName.fill('globex');
  await demo.provider.continueButton.click();
  await demo.provider.signIn(hank);
  await demo.isSignedIn(hank);
  assert.equal(demo.where(), '/');
  const routes = watched.navigations.filter((url) => new URL(url).pathname === '/login' && new URL(url).port === new URL(page.url()).port);
  assert.equal(routes.length, 1);
  assert.equal(new URL(routes[0]).searchParams.get('tenant_name'), 'globex');
});

test("the application's login page forwards the e-mail address", async ({ demo }) => {
  await demo.open();
  await demo.leave();
  await demo.provider.email.fill(ada.email);
  await demo.provider.continueButton.click();
  await demo.provider.password.waitFor();
  assert.equal(await demo.provider.email.inputValue(), ada.email);
  await demo.provider.signIn(ada);
  await demo.isSignedIn(ada);
});

test('an invalid tenant name is refused with a message, without a request', async ({ demo, providerLog }) => {
  await demo.open();
  await demo.leave({ tenant: 'evil.example/' });
  await demo.alerts('tenant_invalid');
  assert.equal(demo.where(), '/');
  assert.deepEqual(providerLog.control.log(), []);
});

test('two tabs can log in at the same time', async ({ demo, newDemo, providerLog }) => {
  const other = await newDemo();
  for (const [tab, user] of [[demo, ada], [other, hank]]) {
    await tab.open();
    await tab.leave(user);
    await tab.provider.email.waitFor();
  }
  for (const [tab, user] of [[demo, ada], [other, hank]]) {
    await tab.provider.signIn(user);
    await tab.isSignedIn(user);
  }
  assert.equal(new Set(providerLog.tokenRequests().map(({ form }) => form.code_verifier)).size, 2);
});

test('the authorization request carries PKCE, state and nonce, new ones every time', async ({ control, demo, provider, site, providerLog }) => {
  await demo.open();
  await demo.leave({ tenant: 'globex' });
  await demo.provider.email.waitFor();
  await demo.open();
  await demo.logIn(ada);
  const [first, second] = providerLog.authorizeRequests().map(({ query }) => query);
  for (const query of [first, second]) {
    assert.equal(query.response_type, 'code');
    assert.equal(query.client_id, provider.clientId);
    assert.equal(query.redirect_uri, site.url('callback'));
    assert.deepEqual(query.scope.split(' ').sort(), ['email', 'offline_access', 'openid', 'phone', 'profile', 'roles']);
    assert.equal(query.code_challenge_method, 'S256');
    for (const name of ['state', 'nonce', 'code_challenge']) assert.match(query[name], /^[\w-]{43}$/, name);
  }
  const secrets = [first, second].flatMap(({ state, nonce, code_challenge: challenge }) => [state, nonce, challenge]);
  assert.equal(new Set(secrets).size, secrets.length);
  const [verifier] = control.issued().codeVerifiers;
  assert.equal(createHash('sha256').update(verifier).digest('base64url'), second.code_challenge);
});

describe('on a host of the provider’s site', () => {
  // On a host of the provider's own site, where a browser adds cookies to every request that does not omit them.
  const neighbour = stage({ host: 'app.invotastic.localhost' });

  neighbour.test('requests for tokens carry no cookies, no authorization, and need no preflight', async (world) => {
    const { context, control, demo, page, provider, providerLog } = world;
    await context.addCookies([{ name: 'witness', value: '1', domain: 'invotastic.localhost', path: '/', httpOnly: true, sameSite: 'Lax' }]);
    await demo.open();
    await demo.logIn(ada);
    await demo.userInfo.getByText(ada.email, { exact: true }).waitFor();
    await demo.renew(1);
    await demo['Log out'].click();
    await demo.isBackFrom('acme');
    assert.equal(providerLog.requests('logout').length, 1);

    const requests = ['token', 'revoke', 'jwks', 'userinfo'].flatMap((endpoint) => providerLog.requests(endpoint));
    assert.deepEqual([...new Set(requests.map(({ endpoint }) => endpoint))], ['token', 'revoke', 'jwks', 'userinfo']);
    assert.deepEqual(requests.filter(({ cookie }) => cookie), []);
    assert.deepEqual(requests.filter(({ endpoint, authorization }) => authorization !== (endpoint === 'userinfo')), []);
    for (const endpoint of ['token', 'revoke', 'jwks']) assert.deepEqual(providerLog.preflights(endpoint), []);
    for (const { contentType } of providerLog.requests('token')) assert.match(contentType, /^application\/x-www-form-urlencoded(;|$)/);

    // The control: this is what the provider sees of a request with cookies.
    control.clearLog();
    await page.evaluate((url) => fetch(url, { credentials: 'include', mode: 'no-cors', cache: 'no-store' }),
      `http://${provider.applicationVanityDomain}/api/v1/oauth2/jwks`);
    assert.deepEqual(providerLog.requests('jwks').map(({ cookie }) => cookie), [true]);
  });
});
