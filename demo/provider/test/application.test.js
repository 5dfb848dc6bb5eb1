// What the application host serves, and logging out.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { startProvider } from '../src/provider.js';
import { actions, authorizationRequest, Browser, send } from './browser.js';

let provider;
let act;
before(async () => { provider = await startProvider(); act = actions(provider); });
after(() => provider.close());
beforeEach(() => provider.control.reset());

describe('the application', () => {
  it('finds the tenant by name or e-mail and sends the browser to the login URL', async () => {
    const browser = new Browser();
    const page = await browser.open(act.application(`/login?client_id=${provider.clientId}&state=abc`));
    assert.match((await browser.submit(page, { tenant_name: 'nobody' })).text, /role="alert"/);
    const byName = await browser.submit(page, { tenant_name: ' Acme ' });
    assert.equal(byName.location.href, 'http://localhost:4402/login?tenant_name=acme&state=abc');
    const byEmail = await browser.submit(page, { tenant_name: '', email: 'bill@initech.example' });
    assert.equal(byEmail.location.searchParams.get('login_hint'), 'bill@initech.example');
    assert.equal(byEmail.location.searchParams.get('tenant_custom_domain'), `login.initech.localhost:${provider.port}`);
  });

  it('takes authorization requests itself unless that is switched off', async () => {
    const browser = new Browser();
    const request = authorizationRequest(provider);
    const url = act.application(`/api/v1/oauth2/authorize?${new URLSearchParams(request.params)}`);
    provider.control.patchSettings({ applicationAuthorization: false });
    assert.equal((await browser.open(url)).status, 400);
    provider.control.patchSettings({ applicationAuthorization: true });
    const discovery = await browser.visit(url);
    const login = await browser.submit(discovery, { tenant_name: 'acme' });
    assert.match(login.text, /Sign in to Acme/);
    const done = await browser.submit(login, { email: 'ada@acme.example', password: 'lovelace' });
    assert.equal((await act.exchange({ ...request, callback: done.location })).status, 200);
  });

  it('leads from a bookmarked login page of a tenant to the login route of the app', async () => {
    const { location } = await new Browser().open(act.tenant('acme', '/login'));
    assert.equal(location.href, 'http://localhost:4402/login?tenant_name=acme');
  });

  it('signs up a new tenant, and leaves its first user signed in', async () => {
    const browser = new Browser();
    const signUp = (form) => browser.open(act.application('/signup'), { method: 'POST', form: { tenant_name: 'hooli', email: 'gavin@hooli.example', password: 'box', ...form } });
    assert.match((await browser.open(act.application('/signup'))).text, /Sign up/);
    for (const wrong of [{ tenant_name: 'acme' }, { tenant_name: 'a b' }, { email: 'ada@acme.example' }, { email: 'gavin' }, { password: '' }]) {
      assert.match((await signUp(wrong)).text, /role="alert"/, JSON.stringify(wrong));
    }
    const { location } = await browser.visit((await signUp()).location.href);
    assert.equal(location.href, 'http://localhost:4402/login?tenant_name=hooli');
    const { callback } = await act.signIn(browser, 'hooli');
    assert.ok(callback.searchParams.get('code'), 'without the login page');
    provider.control.reset();
    assert.equal(provider.control.users().length, 4);
  });

  it('publishes its documents', async () => {
    const sdk = (await send(act.application(`/api/v1/clients/${provider.clientId}/sdk-configuration`))).json;
    assert.deepEqual(sdk, {
      applicationAuthorizationRequestsEnabled: true, customApplicationLoginPageUrl: null, isApplicationCustomDomainActive: false,
      loginUrl: 'http://localhost:4402/login', loginUrlTenantDomainSuffix: null, redirectUri: 'http://localhost:4402/callback',
    });
    const validate = async (tenantCustomDomain) => (await send(act.application('/api/v1/custom-domains/validate'), { method: 'POST', json: { tenantCustomDomain } })).json;
    assert.deepEqual(await validate(`login.initech.localhost:${provider.port}`), { valid: true });
    assert.deepEqual(await validate('evil.example'), { valid: false });
    const discovery = (await send(act.application('/.well-known/openid-configuration'))).json;
    assert.equal(discovery.issuer, provider.issuer);
    assert.equal(discovery.token_endpoint, act.application('/api/v1/oauth2/token'));
    assert.equal((await send(act.tenant('acme', '/api/v1/oauth2/jwks'))).status, 404);
  });

  it('has tenants on dotted hosts when its custom domain is active', async () => {
    provider.control.patchSettings({ customDomainActive: true });
    const query = new URLSearchParams(authorizationRequest(provider).params);
    const dotted = await new Browser().visit(`http://acme.invotastic.localhost:${provider.port}/api/v1/oauth2/authorize?${query}`);
    assert.match(dotted.text, /Sign in to Acme/);
    assert.equal((await new Browser().visit(act.tenant('acme', `/api/v1/oauth2/authorize?${query}`))).status, 404);
  });
});

describe('logging out', () => {
  it('ends the session of this tenant and goes where the order says', async () => {
    const { browser } = await act.signIn();
    const logout = async (query) => (await browser.open(act.tenant('acme', `/api/v1/logout?${new URLSearchParams(query)}`))).location;
    const asked = { client_id: provider.clientId, redirect_url: 'http://localhost:4402/goodbye', state: 's' };
    assert.equal((await logout(asked)).href, 'http://localhost:4402/goodbye?tenant_name=acme&state=s');
    const { location } = await browser.open(act.authorizeUrl('acme', authorizationRequest(provider, { prompt: 'none' }).params));
    assert.equal(location.searchParams.get('error'), 'login_required');

    assert.equal((await logout({ ...asked, redirect_url: 'https://evil.example/' })).pathname, '/login');
    provider.control.patchSettings({ clientLoginUrl: 'http://localhost:4402/client-login' });
    assert.equal((await logout({ ...asked, redirect_url: 'https://evil.example/' })).pathname, '/client-login');
    assert.equal((await logout({})).href, 'http://localhost:4402/login?tenant_name=acme');
  });
});
