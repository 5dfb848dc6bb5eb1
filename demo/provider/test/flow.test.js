// The way of a user through the Wristband-shaped provider, as an application sees it.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { startProvider } from '../src/provider.js';
import { actions, authorizationRequest, Browser } from './browser.js';

let provider;
let act;
before(async () => { provider = await startProvider(); act = actions(provider); });
after(() => provider.close());
beforeEach(() => provider.control.reset());

describe('signing in', () => {
  it('shows the login page, and goes on with the code, the state and the tenant', async () => {
    const { page, callback, params } = await act.signIn();
    assert.match(page.text, /<h1>Sign in to Acme<\/h1>/);
    assert.match(page.url, /\/login\?req=ey/);
    assert.equal(callback.origin + callback.pathname, params.redirect_uri);
    assert.deepEqual([...callback.searchParams.keys()].sort(), ['code', 'state', 'tenant_domain', 'tenant_name']);
    assert.equal(callback.searchParams.get('state'), params.state);
    assert.equal(callback.searchParams.get('tenant_name'), 'acme');
  });

  it('gives tokens of the form that Wristband gives', async () => {
    const flow = await act.signIn();
    const answer = await act.exchange(flow);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['cache-control'], 'no-store');
    const { access_token: access, id_token: id, ...rest } = answer.json;
    assert.deepEqual(Object.keys(rest).sort(), ['expires_in', 'refresh_token', 'scope', 'token_type']);
    assert.equal(rest.expires_in, 1800);

    const keys = createLocalJWKSet(await act.jwks());
    const { payload: claims, protectedHeader } = await jwtVerify(id, keys, { issuer: provider.issuer, audience: provider.clientId });
    assert.equal(protectedHeader.typ, 'id+JWT');
    assert.deepEqual(Object.keys(claims).sort(), ['amr', 'app_id', 'at_hash', 'aud', 'auth_time', 'exp', 'iat', 'idp_name', 'iss', 'jti', 'nonce', 'sub', 'tnt_id']);
    assert.equal(claims.nonce, flow.params.nonce);
    const { payload: accessClaims, protectedHeader: accessHeader } = await jwtVerify(access, keys, { issuer: provider.issuer });
    assert.equal(accessHeader.typ, 'at+JWT');
    assert.equal(accessClaims.aud, undefined);
    assert.equal(accessClaims.sub, claims.sub);
    assert.equal(accessClaims.van_dom, provider.applicationVanityDomain);
    assert.deepEqual(accessClaims.scope.split(' ').sort(), flow.params.scope.split(' ').sort());
    assert.equal(accessClaims.exp - accessClaims.iat, 1800);
    for (const value of [claims.sub, claims.tnt_id, claims.app_id, claims.jti]) assert.match(value, /^[a-z2-7]{26}$/);
  });

  it('gives a refresh token for offline_access only', async () => {
    assert.equal((await act.tokens({ scope: 'openid email' })).refresh_token, undefined);
  });

  it('stays on the page after a wrong password, and says so', async () => {
    const browser = new Browser();
    const page = await browser.visit(act.authorizeUrl('acme', authorizationRequest(provider, { login_hint: 'ada@acme.example' }).params));
    assert.match(page.text, /name="email"[^>]*value="ada@acme.example"/);
    const again = await browser.submit(page, { email: 'ada@acme.example', password: 'wrong' });
    assert.match(again.text, /role="alert">The email address or the password is wrong/);
    const done = await browser.submit(again, { email: 'ada@acme.example', password: 'lovelace' });
    assert.ok(done.location.searchParams.get('code'));
  });

  it('signs in the browser that opens a magic link, which may not be the one that asked for it', async () => {
    const { params } = authorizationRequest(provider);
    const asking = new Browser();
    const page = await asking.visit(act.authorizeUrl('acme', params));
    const sent = await asking.submit(page, { email: 'ada@acme.example', magic: 'send' });
    const link = new URL(sent.text.match(/href="([^"]*magic=[^"]*)"/)[1].replaceAll('&amp;', '&'), page.url).href;
    const opening = new Browser();
    const done = await opening.visit(link);
    assert.ok(done.location.searchParams.get('code'));
    assert.equal(done.location.searchParams.get('state'), params.state, 'the state of the browser that asked');
    const next = await opening.visit(act.authorizeUrl('acme', { ...authorizationRequest(provider).params, prompt: 'none' }));
    assert.ok(next.location.searchParams.get('code'), 'the session is in the browser that opened it');
    const other = await asking.visit(act.authorizeUrl('acme', { ...authorizationRequest(provider).params, prompt: 'none' }));
    assert.equal(other.location.searchParams.get('error'), 'login_required');
  });

  it('asks for a second factor, and says so in the ID token', async () => {
    provider.control.patchSettings({ mfa: true });
    const browser = new Browser();
    const request = authorizationRequest(provider);
    const page = await browser.submit(await browser.visit(act.authorizeUrl('acme', request.params)), { email: 'ada@acme.example', password: 'lovelace' });
    assert.equal(page.location, undefined);
    const wrong = await browser.submit(page, { code: '123456' });
    assert.match(wrong.text, /role="alert"/);
    const { location: callback } = await browser.submit(wrong, { code: '000000' });
    const { id_token: idToken } = (await act.exchange({ ...request, callback })).json;
    assert.deepEqual(JSON.parse(Buffer.from(idToken.split('.')[1], 'base64url')).amr, ['pwd', 'otp']);
  });

  it('asks for the second factor after a magic link as well', async () => {
    provider.control.patchSettings({ mfa: true });
    const asking = new Browser();
    const page = await asking.visit(act.authorizeUrl('acme', authorizationRequest(provider).params));
    const sent = await asking.submit(page, { email: 'ada@acme.example', magic: 'send' });
    const link = new URL(sent.text.match(/href="([^"]*magic=[^"]*)"/)[1].replaceAll('&amp;', '&'), page.url).href;
    const factor = await asking.visit(link);
    assert.equal(factor.location, undefined);
    assert.ok((await asking.submit(factor, { code: '000000' })).location.searchParams.get('code'));
  });

  it('takes no second factor of another login', async () => {
    provider.control.patchSettings({ mfa: true });
    const factorOf = (page) => page.text.match(/name="factor" value="([^"]*)"/)[1];
    const start = async (browser) => browser.submit(
      await browser.visit(act.authorizeUrl('acme', authorizationRequest(provider).params)), { email: 'ada@acme.example', password: 'lovelace' },
    );
    const [browser, other] = [new Browser(), new Browser()];
    const factor = factorOf(await start(other));
    const refused = await browser.submit(await start(browser), { code: '000000', factor });
    assert.equal(refused.status, 400);
  });

  it('goes on at another tenant, with the same request', async () => {
    provider.control.patchSettings({ tenantChange: true });
    const browser = new Browser();
    const request = authorizationRequest(provider);
    const page = await browser.visit(act.authorizeUrl('acme', request.params));
    const link = page.text.match(/<a href="([^"]*)">Sign in to another organisation/)[1].replaceAll('&amp;', '&');
    const login = await browser.submit(await browser.visit(link), { tenant_name: 'globex' });
    assert.match(login.text, /Sign in to Globex/);
    const { location: callback } = await browser.submit(login, { email: 'hank@globex.example', password: 'scorpio' });
    assert.equal(callback.searchParams.get('state'), request.params.state);
    assert.equal(callback.searchParams.get('tenant_name'), 'globex');
    assert.equal((await act.exchange({ ...request, callback })).status, 200);
  });

  it('ends a session that was not used for a while, and one that is old', async () => {
    const silent = async (browser) => (await browser.visit(act.authorizeUrl('acme', { ...authorizationRequest(provider).params, prompt: 'none' }))).location.searchParams.get('error');
    provider.control.patchSettings({ sessionTtl: 100, sessionAbsoluteTtl: 250 });
    const { browser } = await act.signIn();
    for (const [shift, error] of [[90, null], [180, null], [240, null], [260, 'login_required']]) {
      provider.control.patchSettings({ clockShiftSeconds: shift });
      assert.equal(await silent(browser), error, `after ${shift} s`);
    }
    provider.control.patchSettings({ clockShiftSeconds: 0 });
    const { browser: idle } = await act.signIn();
    provider.control.patchSettings({ clockShiftSeconds: 110 });
    assert.equal(await silent(idle), 'login_required');
  });

  it('keeps the session in a cookie that ends with the browser, if told so', async () => {
    const sessionCookie = async () => {
      const browser = new Browser();
      const lines = [];
      const keep = browser.keep.bind(browser);
      browser.keep = (url, cookies = []) => { lines.push(...cookies); keep(url, cookies); };
      await act.signIn(browser);
      return lines.findLast((line) => line.startsWith('_session='));
    };
    assert.match(await sessionCookie(), /expires=/i);
    provider.control.patchSettings({ persistentSession: false });
    assert.doesNotMatch(await sessionCookie(), /expires=/i);
  });

  it('lets nobody of another tenant in', async () => {
    const browser = new Browser();
    const page = await browser.visit(act.authorizeUrl('globex', authorizationRequest(provider).params));
    const again = await browser.submit(page, { email: 'ada@acme.example', password: 'lovelace' });
    assert.match(again.text, /role="alert"/);
  });

  it('tells the custom domain of a tenant that has one, and serves it there', async () => {
    const { callback } = await act.signIn(undefined, 'initech');
    const host = callback.searchParams.get('tenant_custom_domain');
    assert.equal(host, `login.initech.localhost:${provider.port}`);
    const page = await new Browser().visit(`http://${host}/api/v1/oauth2/authorize?${new URLSearchParams(authorizationRequest(provider).params)}`);
    assert.match(page.text, /Sign in to Initech/);
  });
});

describe('the session of a tenant', () => {
  it('answers a second request at once, and prompt=none too', async () => {
    const { browser } = await act.signIn();
    for (const more of [{}, { prompt: 'none' }]) {
      const answer = await browser.open(act.authorizeUrl('acme', authorizationRequest(provider, more).params));
      assert.equal(answer.status, 302);
      assert.ok(answer.location.searchParams.get('code'));
    }
  });

  it('is unknown to the other tenants, even when its cookie is carried there', async () => {
    const { browser } = await act.signIn();
    const { params } = authorizationRequest(provider, { prompt: 'none' });
    const cookie = browser.cookies(act.tenant('acme', '/'));
    for (const headers of [{}, { cookie }]) {
      const { location } = await new Browser().open(act.authorizeUrl('globex', params), { headers });
      assert.equal(location.searchParams.get('error'), 'login_required');
      assert.equal(location.searchParams.get('state'), params.state);
      assert.equal(location.searchParams.get('tenant_name'), 'globex');
    }
  });

  it('does not spare the login page with prompt=login, or with max_age when it is too old', async () => {
    const { browser } = await act.signIn();
    for (const more of [{ prompt: 'login' }, { max_age: '0' }]) {
      const page = await browser.visit(act.authorizeUrl('acme', authorizationRequest(provider, more).params));
      assert.match(page.text, /Sign in to Acme/);
      const done = await browser.submit(page, { email: 'ada@acme.example', password: 'lovelace' });
      assert.ok(done.location.searchParams.get('code'));
    }
  });

  it('is refused with an error when it is too old and the settings say so', async () => {
    const { browser } = await act.signIn();
    provider.control.patchSettings({ maxAgeExpired: 'error' });
    const { location } = await browser.open(act.authorizeUrl('acme', authorizationRequest(provider, { max_age: '0' }).params));
    assert.equal(location.searchParams.get('error'), 'login_required');
  });

  it('can pass from one user to another', async () => {
    const { browser } = await act.signIn();
    const request = authorizationRequest(provider, { prompt: 'login' });
    const page = await browser.visit(act.authorizeUrl('acme', request.params));
    const done = await browser.submit(page, { email: 'grace@acme.example', password: 'hopper' });
    const { json } = await act.exchange({ ...request, callback: done.location });
    assert.equal((await act.userinfo(json.access_token)).json.email, 'grace@acme.example');
  });

  it('serves two login pages at the same time', async () => {
    const browser = new Browser();
    const requests = [authorizationRequest(provider), authorizationRequest(provider)];
    const pages = [];
    for (const { params } of requests) pages.push(await browser.visit(act.authorizeUrl('acme', params)));
    for (const [index, page] of pages.entries()) {
      const done = await browser.submit(page, { email: 'ada@acme.example', password: 'lovelace' });
      assert.equal(done.location.searchParams.get('state'), requests[index].params.state);
      assert.ok(done.location.searchParams.get('code'));
    }
  });
});

describe('an authorization request', () => {
  const errorOf = async (more) => {
    const { location, status } = await new Browser().open(act.authorizeUrl('acme', authorizationRequest(provider, more).params));
    assert.equal(status, 302);
    return location.searchParams.get('error');
  };

  it('with a wrong client or redirect URI gets a page and no redirect', async () => {
    for (const more of [{ client_id: 'nobody' }, { client_id: undefined }, { redirect_uri: 'https://evil.example/' }, { redirect_uri: 'http://localhost:4402/callback/', state: 'short' }]) {
      const answer = await new Browser().open(act.authorizeUrl('acme', authorizationRequest(provider, more).params));
      assert.equal(answer.status, 400);
      assert.equal(answer.location, undefined);
      assert.match(answer.text, /role="alert"/);
    }
  });

  it('with other mistakes is sent back with an error', async () => {
    assert.equal(await errorOf({ response_type: 'token' }), 'unsupported_response_type');
    assert.equal(await errorOf({ scope: 'email' }), 'invalid_scope');
    assert.equal(await errorOf({ state: 'x'.repeat(21) }), 'invalid_request');
    assert.equal(await errorOf({ state: 'x'.repeat(513) }), 'invalid_request');
    assert.equal(await errorOf({ nonce: 'x'.repeat(129) }), 'invalid_request');
    assert.equal(await errorOf({ code_challenge: undefined }), 'invalid_request');
    assert.equal(await errorOf({ code_challenge_method: 'plain' }), 'invalid_request');
    assert.equal(await errorOf({ prompt: 'consent' }), 'invalid_request');
    assert.equal(await errorOf({ prompt: 'none', idp_hint: 'unknown' }), 'login_required');
  });

  it('may leave the only redirect URI out', async () => {
    const { callback } = await act.signIn(undefined, 'acme', { redirect_uri: undefined });
    assert.equal(callback.origin, 'http://localhost:4402');
  });

  it('may have the placeholder for the tenant in its redirect URI', async () => {
    const uri = 'http://{tenant_name}.localhost:4402/{tenant_name}/callback?kept=1';
    provider.control.patchSettings({ redirectUris: [uri] });
    const flow = await act.signIn(undefined, 'acme', { redirect_uri: uri });
    assert.equal(flow.callback.origin + flow.callback.pathname, 'http://acme.localhost:4402/acme/callback');
    assert.equal(flow.callback.searchParams.get('kept'), '1');
    assert.equal((await act.exchange(flow)).status, 200);
  });
});

it('shifts its clock', async () => {
  provider.control.patchSettings({ clockShiftSeconds: -7200 });
  const tokens = await act.tokens();
  const claims = decodeJwt(tokens.id_token);
  const now = Date.now() / 1000;
  assert.ok(Math.abs(claims.iat + 7200 - now) < 5 && Math.abs(claims.auth_time + 7200 - now) < 5);
  assert.ok(decodeJwt(tokens.access_token).exp < now);
  assert.equal((await act.userinfo(tokens.access_token)).status, 200);
  assert.ok(decodeProtectedHeader(tokens.id_token).kid);
});

describe('the link of an email', () => {
  it('leaves a session, and ends at a page of the application', async () => {
    const browser = new Browser();
    const url = await provider.control.landing({ kind: 'invitation', email: 'ada@acme.example', to: 'http://localhost:4402/welcome' });
    const done = await browser.visit(url);
    assert.equal(done.location.href, 'http://localhost:4402/welcome');
    const next = await browser.visit(act.authorizeUrl('acme', { ...authorizationRequest(provider).params, prompt: 'none' }));
    assert.ok(next.location.searchParams.get('code'));
  });

  it('leads to the application only', async () => {
    await assert.rejects(provider.control.landing({ kind: 'invitation', email: 'ada@acme.example', to: 'https://evil.example/' }), TypeError);
  });
});
