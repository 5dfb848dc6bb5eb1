// The demo as a static site: under any path, with any settings, and with any OpenID provider.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe } from 'node:test';
import { listen } from '../../demo/provider/src/listen.js';
import { eventually } from './support/eventually.js';
import { APPS, stage } from './support/harness.js';
import { ada } from './support/people.js';
import { storageOf } from './support/storage.js';

const person = { email: ada.email };

describe('under a folder', () => {
  const { test } = stage({ base: '/some/app/' });

  test('a login, a deep link, a reload and a logout stay in the folder', async ({ demo, page, site, watched, providerLog }) => {
    await demo.open();
    await demo.logIn(ada);
    assert.equal(demo.where(), '/some/app/');
    await page.getByRole('link', { name: 'What is stored where' }).click();
    await demo.isAt('/some/app/about');
    await demo.isSignedIn(ada);
    await page.reload();
    await demo.isSignedIn(ada);
    await demo.isAt('/some/app/about');
    await page.getByRole('heading', { name: 'What is checked' }).waitFor();
    await demo['Log out'].click();
    await eventually('the logout', () => providerLog.requests('logout').length === 1);
    await demo['Log in'].waitFor();
    await demo.isSignedOut();
    const outside = watched.navigations.filter((url) => url.startsWith(site.origin) && !url.startsWith(site.url()));
    assert.deepEqual(outside, []);
  });

  test('an anonymous deep link and the links on its page work', async ({ demo, page }) => {
    await demo.open('about');
    await page.getByRole('heading', { name: 'What is checked' }).waitFor();
    await page.getByRole('link', { name: 'Demo', exact: true }).click();
    await demo['Log in'].waitFor();
    assert.equal(demo.where(), '/some/app/');
    await page.goBack();
    await page.getByRole('heading', { name: 'What is checked' }).waitFor();
  });

  test('the login route stays in the folder', async ({ demo }) => {
    await demo.open();
    await demo.leave();
    await demo.provider.tenantName.fill('acme');
    await demo.provider.continueButton.click();
    await demo.provider.signIn(ada);
    await demo.isSignedIn(ada);
    assert.equal(demo.where(), '/some/app/');
  });
});

describe('the policy', () => {
  const { test } = stage({ base: '/some/app/' });
  const violation = { announced: [/Content Security Policy/, /^policy: img-src/] };

  test('also holds in the page, if the host sends none', violation, async ({ demo, page, site }) => {
    site.config.vault = 'shared';
    const policy = site.policy('index.html').replace("; frame-ancestors 'none'", '');
    const html = await readFile(path.join(APPS.demo.folders[0], 'index.html'), 'utf8');
    const body = html.replace('<meta charset="utf-8">', `$&<meta http-equiv="Content-Security-Policy" content="${policy}">`);
    for (const name of ['index.html', 'callback']) site.spoil(name, { status: 200, type: 'text/html; charset=utf-8', body });
    site.headers = () => ({ 'Content-Security-Policy': '' });
    await demo.open();
    await demo.logIn(ada);
    assert.match(await demo.callApi(), /ada@acme\.example/);
    assert.equal(await page.evaluate(() => new Promise((resolve) => {
      addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective));
      new Image().src = 'http://elsewhere.localhost/';
    })), 'img-src');
  });

  test('of the page does not restrict the worker, if the host sends both', async ({ demo, site }) => {
    site.config.vault = 'shared';
    site.headers = (name) => (name === 'vault.js' ? { 'Content-Security-Policy': `${site.policy('')}, ${site.policy(name)}` } : {});
    await demo.open();
    await demo.logIn(ada);
    await demo.renew(1);
    assert.match(await demo.callApi(), /ada@acme\.example/);
  });
});

describe('settings', () => {
  const { test } = stage();

  for (const [what, spoil] of [
    ['missing', (site) => site.spoil('config.json', { status: 404 })],
    ['no JSON', (site) => site.spoil('config.json', { body: '{"clientId": ' })],
    ['a list', (site) => site.spoil('config.json', { body: '[]' })],
    ['of an unknown name', (site) => { site.config.clientIdd = 'x'; }],
    ['of a wrong type', (site) => { site.config.scopes = 'openid'; }],
    ['without a client id', (site) => { delete site.config.clientId; }],
    ['of two providers', (site) => { site.config.issuer = 'https://issuer.example'; }],
    ['insecure', (site) => { site.config.allowInsecureLoopback = false; }],
  ]) {
    test(`settings that are ${what} cause an alert with a message`, { announced: [/Failed to load resource.*404.*config\.json/] }, async ({ control, demo, page, site }) => {
      spoil(site);
      await demo.open();
      await demo.alerts('config_invalid');
      assert.equal(await demo['Log in'].count(), 0);
      assert.deepEqual(await page.evaluate(() => indexedDB.databases()), []);
      assert.deepEqual(control.log(), []);
    });
  }

  test('settings that follow from the URL can be omitted', async ({ demo, site }) => {
    for (const name of ['redirectUri', 'postLogoutUrl', 'apiUrl']) delete site.config[name];
    await demo.open();
    await demo.logIn(ada);
  });

  test('a redirect URI of another origin is reported before the redirect', async ({ control, demo, site }) => {
    site.config.redirectUri = 'https://elsewhere.example/callback';
    await demo.open();
    await demo.leave({ tenant: 'acme' });
    await demo.alerts('config_invalid');
    assert.deepEqual(control.log(), []);
  });
});

describe('a provider out of reach', () => {
  const { test } = stage();
  const announced = [/Failed to load resource: net::ERR_/];

  test('is reported with a message if the login needs its metadata', { announced }, async ({ demo, page, site }) => {
    const { port, close } = await listen((_req, res) => res.end(), 0);
    await close();
    const { applicationVanityDomain, loginUrl, ...rest } = site.config;
    site.config = { ...rest, issuer: `http://localhost:${port}` };
    site.connectTo.push(site.config.issuer);
    await demo.open();
    await demo.isSignedOut();
    await demo.leave();
    await demo.alerts('network');
    assert.equal(demo.where(), '/');
    assert.deepEqual((await storageOf(page)).databases, {});
    assert.ok(await demo['Log in'].isEnabled());
  });

  test('is asked again if it fails during the login', { announced }, async ({ control, demo }) => {
    control.addFault({ endpoint: 'token', drop: 'before' });
    await demo.open();
    await demo.leave({ tenant: 'acme' });
    await demo.provider.signIn(ada);
    // The code is still valid: the request is repeated.
    await demo.isSignedIn(ada);
  });
});

describe('an ordinary OpenID provider', () => {
  const { test } = stage({ plain: true });

  for (const clientId of ['plain-rs256', 'plain-es256', 'plain-eddsa']) {
    test(`works with the client ${clientId}, from login to logout`, async ({ demo, provider, site, providerLog }) => {
      Object.assign(site.config, { clientId });
      await demo.open();
      await demo.leave();
      await demo.provider.signIn(ada);
      await demo.isSignedIn(person);
      await demo.userInfo.getByText('Ada Lovelace', { exact: true }).first().waitFor();
      await demo.renew(1);
      assert.match(await demo.callApi(), /ada@acme\.example/);
      const token = providerLog.lastRefreshToken();

      await demo['Log out'].click();
      await eventually('the logout', () => providerLog.requests('logout').length === 1);
      await demo['Log in'].waitFor();
      await demo.isSignedOut();
      const [{ path, query }] = providerLog.requests('logout');
      const { id_token_hint: hint, ...rest } = query;
      assert.deepEqual([path, rest], ['/session/end', { client_id: clientId, post_logout_redirect_uri: site.url() }]);
      assert.equal(hint.split('.').length, 3);
      assert.equal((await providerLog.tryRefreshToken(token, clientId)).error, 'invalid_grant');
      assert.equal(providerLog.authorizeRequests()[0].query.client_id, clientId);
      assert.equal(provider.settings.advertiseIss, true);
    });
  }

  test('the log shows what was sent, without what is secret or personal', async ({ demo, page, providerLog, site }) => {
    Object.assign(site.config, { audience: 'https://api.example', authorizationParams: { theme: 'dark' }, vault: 'shared' });
    await demo.open();
    await demo.leave();
    await demo.provider.signIn(ada);
    await demo.isSignedIn(person);
    const log = page.getByRole('list', { name: 'Events, newest first' });
    await log.getByText(/grant_type=authorization_code · .*code=… · .*code_verifier=…/).waitFor();
    const redirect = log.getByRole('listitem').filter({ hasText: 'The browser was sent to the provider' });
    await redirect.getByText(/response_type=code · client_id=demospaclient.* state=… .*theme=dark/).waitFor();
    assert.match(await redirect.innerText(), /audience=https:\/\/api\.example/);
    await demo.renew(1);
    await log.getByText(/grant_type=refresh_token · .*refresh_token=…/).waitFor();
    const shown = await log.innerText();
    const { query: { nonce, state } } = providerLog.authorizeRequests()[0];
    for (const secret of [nonce, state, providerLog.lastRefreshToken()]) assert.ok(!shown.includes(secret));
  });

  test('has no tenants', async ({ control, demo }) => {
    await demo.open();
    await demo.leave({ tenant: 'acme' });
    // No tenant name can be meant here: either it is reported, or it is ignored.
    await eventually('an alert, or the login page', async () => await demo.page.getByRole('alert').filter({ hasText: 'tenant_invalid' }).count()
      || await demo.provider.password.count());
    assert.equal(control.log().filter(({ query }) => JSON.stringify(query).includes('acme')).length, 0);
  });

  test('restores a session after a reload', async ({ demo, page, providerLog }) => {
    await demo.open();
    await demo.leave();
    await demo.provider.signIn(ada);
    await demo.isSignedIn(person);
    await page.reload();
    await demo.isSignedIn(person);
    assert.deepEqual(providerLog.authorizeRequests().map(({ query }) => query.prompt), [undefined, 'none']);
  });

  for (const [what, redirect] of [['of another issuer', { iss: 'https://evil.example' }], ['without the issuer that was announced', { iss: null }]]) {
    test(`is not mixed up: a callback ${what} never reaches the token endpoint`, async ({ control, demo, providerLog }) => {
      control.addFault({ endpoint: 'authorize', redirect });
      await demo.open();
      await demo.leave();
      await demo.provider.signIn(ada);
      await demo.alerts('issuer_mismatch');
      assert.deepEqual(providerLog.tokenRequests(), []);
    });
  }
});
