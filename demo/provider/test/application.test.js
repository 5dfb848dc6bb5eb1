// What the application host serves, and logging out.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
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
    assert.equal(byName.location.href, 'http://localhost:4402/login?tenant_name=acme&tenant_domain=acme&state=abc');
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

  it('hands authorization requests to the login page of its own that it names', async () => {
    provider.control.patchSettings({ customApplicationLoginPageUrl: 'http://localhost:4402/find-tenant?x=1' });
    const request = authorizationRequest(provider);
    const browser = new Browser();
    const { location } = await browser.visit(act.application(`/api/v1/oauth2/authorize?${new URLSearchParams(request.params)}`));
    assert.equal(location.origin + location.pathname, 'http://localhost:4402/find-tenant');
    assert.equal(location.searchParams.get('x'), '1');
    assert.equal((await browser.open(act.application('/login?state=s'))).location.searchParams.get('state'), 's');
    const form = { ...Object.fromEntries(location.searchParams), tenant_name: 'acme' };
    const login = await browser.visit(act.application('/login'), { method: 'POST', form });
    const { location: callback } = await browser.submit(login, { email: 'ada@acme.example', password: 'lovelace' });
    assert.equal(callback.searchParams.get('state'), request.params.state);
  });

  it('signs in and out at its own host if it has a single tenant, whose name it never sends', async () => {
    provider.control.patchSettings({ singleTenant: 'acme' });
    const request = authorizationRequest(provider);
    const browser = new Browser();
    const authorize = (params) => browser.visit(act.application(`/api/v1/oauth2/authorize?${new URLSearchParams(params)}`));
    const { location: callback } = await browser.submit(await authorize(request.params), { email: 'ada@acme.example', password: 'lovelace' });
    assert.deepEqual([...callback.searchParams.keys()].sort(), ['code', 'state']);
    assert.equal((await act.exchange({ ...request, callback })).status, 200);
    assert.equal((await browser.open(act.tenant('acme', '/login'))).status, 404);
    const { location } = await browser.open(act.application(`/api/v1/logout?client_id=${provider.clientId}&redirect_url=http://localhost:4402/goodbye`));
    assert.equal(location.href, 'http://localhost:4402/goodbye');
    const again = await authorize({ ...authorizationRequest(provider).params, prompt: 'none' });
    assert.equal(again.location.searchParams.get('error'), 'login_required');
  });

  it('changes its issuer with its domain', async () => {
    const issuer = 'https://auth.invotastic.example';
    provider.control.patchSettings({ advertiseIss: true, issuer });
    const flow = await act.signIn();
    const { access_token: accessToken, id_token: idToken } = (await act.exchange(flow)).json;
    assert.deepEqual([decodeJwt(accessToken).iss, decodeJwt(idToken).iss, flow.callback.searchParams.get('iss')], [issuer, issuer, issuer]);
    assert.equal((await act.api('me', accessToken)).status, 200);
    assert.equal((await send(act.application('/.well-known/openid-configuration'))).json.issuer, issuer);
  });

  it('leads from a bookmarked login page of a tenant to the login route of the app', async () => {
    const { location } = await new Browser().open(act.tenant('acme', '/login'));
    assert.equal(location.href, 'http://localhost:4402/login?tenant_name=acme&tenant_domain=acme');
  });

  it('signs up a new tenant, and leaves its first user signed in', async () => {
    const browser = new Browser();
    const signUp = (form) => browser.open(act.application('/signup'), { method: 'POST', form: { tenant_name: 'hooli', email: 'gavin@hooli.example', password: 'box', ...form } });
    assert.match((await browser.open(act.application('/signup'))).text, /Sign up/);
    for (const wrong of [{ tenant_name: 'acme' }, { tenant_name: 'a b' }, { email: 'ada@acme.example' }, { email: 'gavin' }, { password: '' }]) {
      assert.match((await signUp(wrong)).text, /role="alert"/, JSON.stringify(wrong));
    }
    const { location } = await browser.visit((await signUp()).location.href);
    assert.equal(location.href, 'http://localhost:4402/login?tenant_name=hooli&tenant_domain=hooli');
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
    assert.equal((await logout(asked)).href, 'http://localhost:4402/goodbye?tenant_name=acme&tenant_domain=acme&state=s');
    const { location } = await browser.open(act.authorizeUrl('acme', authorizationRequest(provider, { prompt: 'none' }).params));
    assert.equal(location.searchParams.get('error'), 'login_required');

    assert.equal((await logout({ ...asked, redirect_url: 'https://evil.example/' })).pathname, '/login');
    provider.control.patchSettings({ clientLoginUrl: 'http://localhost:4402/client-login' });
    assert.equal((await logout({ ...asked, redirect_url: 'https://evil.example/' })).pathname, '/client-login');
    assert.equal((await logout({})).href, 'http://localhost:4402/login?tenant_name=acme&tenant_domain=acme');
  });
});
