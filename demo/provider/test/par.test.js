// Pushed authorization requests (PAR), in both shapes of the provider.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import { Browser, send, USERS } from './browser.js';
import { createKey } from './keys.js';
import { MODES, startMode } from './modes.js';

for (const shape of MODES) {
  describe(`PAR, ${shape.name}`, () => {
    let mode;
    before(async () => { mode = await startMode(shape); });
    after(() => mode.provider.close());
    beforeEach(() => {
      mode.provider.control.reset();
      set({ par: 'optional' });
    });
    const set = (settings) => mode.provider.control.patchSettings(settings);
    const order = (fault) => mode.provider.control.addFault(fault);
    const reference = (uri) => ({ client_id: mode.provider.clientId, request_uri: uri });
    /** Pushes a request, and answers it with the reference to it. */
    async function push(more, headers) {
      const request = mode.newRequest(more);
      const answer = await mode.push(request.params, headers);
      return { request, answer, query: reference(answer.json.request_uri) };
    }
    const errorPage = (page) => page.text.match(/data-error="([^"]*)"/)?.[1];

    it('is off by default', async () => {
      set({ par: 'off' });
      assert.equal((await mode.push(mode.newRequest().params)).status, 404);
      assert.equal((await mode.metadata()).pushed_authorization_request_endpoint, undefined);
    });

    it('is announced, and whether it is required', async () => {
      const { pushed_authorization_request_endpoint: endpoint, require_pushed_authorization_requests: required } = await mode.metadata();
      assert.deepEqual([endpoint, required], [mode.url('par'), undefined]);
      set({ par: 'required' });
      assert.equal((await mode.metadata()).require_pushed_authorization_requests, true);
    });

    it('gives a reference, and signs in with nothing else', async () => {
      const { request, answer, query } = await push();
      assert.deepEqual([answer.status, answer.json.expires_in, answer.headers['cache-control']], [201, 60, 'no-store']);
      assert.match(query.request_uri, /^urn:ietf:params:oauth:request_uri:[\w-]{32}$/);
      const flow = await mode.signIn({}, { request, query: { ...query, state: 'of-an-attacker', scope: 'openid' } });
      assert.equal(flow.callback.searchParams.get('state'), request.params.state);
      const { json } = await mode.exchange(flow);
      assert.equal(decodeJwt(json.id_token).nonce, request.params.nonce);
      assert.ok(json.refresh_token);
      const { pushed } = mode.provider.control.log().find(({ endpoint }) => endpoint === 'authorize');
      assert.equal(pushed.state, request.params.state);
      assert.ok(mode.provider.control.issued().states.includes(request.params.state));
    });

    it('takes a reference once, for its time, and from its client', async () => {
      const { query, request } = await push();
      assert.equal(errorPage(await mode.visit({ ...query, client_id: 'plain-es256' })), 'invalid_request_uri');
      assert.equal((await mode.visit(query)).status, 200);
      assert.equal(errorPage(await mode.visit(query)), 'invalid_request_uri');
      assert.equal(errorPage(await mode.visit(reference('urn:ietf:params:oauth:request_uri:unknown'))), 'invalid_request_uri');
      set({ parTtl: 200 });
      const [early, late] = [await push(), await push()];
      assert.equal(late.answer.json.expires_in, 200);
      set({ clockShiftSeconds: 190 });
      assert.ok((await mode.signIn({}, { request, query: early.query })).callback);
      set({ clockShiftSeconds: 201 });
      assert.equal(errorPage(await mode.visit(late.query)), 'invalid_request_uri');
    });

    it('signs users in at once who have a session, and answers prompt=none', async () => {
      const browser = new Browser();
      const silently = async () => {
        const { request, query } = await push({ prompt: 'none' });
        return (await mode.signIn({}, { browser, request, query })).callback.searchParams;
      };
      assert.equal((await silently()).get('error'), 'login_required');
      const { request, query } = await push();
      await mode.signIn({}, { browser, request, query });
      assert.ok((await silently()).get('code'));
    });

    it('checks what is pushed', async () => {
      const errorOf = async (more) => {
        const { status, json } = await mode.push(mode.newRequest(more).params);
        return [status, json.error];
      };
      assert.deepEqual(await errorOf({ client_id: 'nobody' }), [401, 'invalid_client']);
      assert.deepEqual(await errorOf({ redirect_uri: 'https://evil.example/' }), [400, 'invalid_request']);
      assert.deepEqual(await errorOf({ code_challenge: undefined, code_challenge_method: undefined }), [400, 'invalid_request']);
      assert.deepEqual(await errorOf({ response_type: 'token' }), [400, 'unsupported_response_type']);
      assert.deepEqual(await errorOf({ request_uri: 'urn:x' }), [400, 'invalid_request']);
      assert.match(mode.provider.control.log().at(-1).problem, /^invalid_request: .*request_uri/);
    });

    it('refuses requests that were not pushed, if that is required', async () => {
      set({ par: 'required' });
      const { params } = mode.newRequest();
      const { location } = await mode.visit(params);
      assert.deepEqual([location.searchParams.get('error'), location.searchParams.get('state')], ['invalid_request', params.state]);
      assert.equal((await mode.visit({ ...params, redirect_uri: 'https://evil.example/' })).status, 400);
      assert.equal((await mode.visit({ ...params, redirect_uri: '' })).status, 400);
      const { request, query } = await push();
      assert.ok((await mode.signIn({}, { request, query })).callback.searchParams.get('code'));
    });

    it('goes on by a magic link', async () => {
      set({ par: 'required' });
      const { request, query } = await push();
      const browser = new Browser();
      const page = await mode.visit(query, browser);
      const sent = await browser.submit(page, { email: 'ada@acme.example', magic: 'send' });
      const { location: callback } = await browser.visit(new URL(sent.text.match(/href="([^"]*magic=[^"]*)"/)[1].replaceAll('&amp;', '&'), page.url).href);
      assert.equal(callback.searchParams.get('state'), request.params.state);
      assert.equal((await mode.exchange({ ...request, callback })).status, 200);
    });

    it('binds the code to the key of a proof that comes along', async () => {
      set({ dpop: 'optional' });
      const [key, other] = [await createKey(), await createKey()];
      const signIn = async ({ request, query }) => mode.signIn({}, { request, query });
      const flow = await signIn(await push({}, await key.proof(mode.url('par'))));
      assert.equal((await mode.exchange(flow, await other.proof(mode.url('token')))).json.error, 'invalid_grant');
      const bound = await signIn(await push({ dpop_jkt: key.jkt }, await key.proof(mode.url('par'))));
      assert.equal((await mode.exchange(bound, await key.proof(mode.url('token')))).json.token_type, 'DPoP');
      const named = await signIn(await push({ dpop_jkt: key.jkt }));
      assert.equal((await mode.exchange(named)).json.error, 'invalid_grant');
      const { answer: mismatch } = await push({ dpop_jkt: other.jkt }, await key.proof(mode.url('par')));
      assert.deepEqual([mismatch.status, mismatch.json.error], [400, 'invalid_request']);
      const { answer: wrong } = await push({}, await key.proof(mode.url('token')));
      assert.deepEqual([wrong.status, wrong.json.error], [400, 'invalid_dpop_proof']);
      set({ dpopNonce: true });
      const { answer: refused } = await push({}, await key.proof(mode.url('par')));
      assert.equal(refused.json.error, 'use_dpop_nonce');
      assert.equal((await push({}, await key.proof(mode.url('par'), { nonce: refused.headers['dpop-nonce'] }))).answer.status, 201);
    });

    it('lets pages push', async () => {
      const headers = { origin: 'http://localhost:4402', 'access-control-request-method': 'POST', 'access-control-request-headers': 'dpop' };
      const preflight = await send(mode.url('par'), { method: 'OPTIONS', headers });
      assert.deepEqual([preflight.status, preflight.headers['access-control-allow-headers']], [204, 'dpop']);
      const answer = await mode.push(mode.newRequest().params, { origin: 'http://localhost:4402' });
      assert.equal(answer.headers['access-control-allow-origin'], 'http://localhost:4402');
      assert.equal((await mode.push({}, { origin: 'https://evil.example' })).headers['access-control-allow-origin'], undefined);
    });

    describe('under a fault', () => {
      it('answers with an error, or not in time', async () => {
        order({ endpoint: 'par', status: 503 });
        assert.equal((await mode.push(mode.newRequest().params)).status, 503);
        order({ endpoint: 'par', status: 400, body: { error: 'invalid_request' } });
        assert.equal((await mode.push(mode.newRequest().params)).json.error, 'invalid_request');
        order({ endpoint: 'par', drop: 'after' });
        await assert.rejects(mode.push(mode.newRequest().params));
      });

      it('alters the answer', async () => {
        const { query: someoneElses } = await push();
        order({ endpoint: 'par', parResponse: { set: { request_uri: someoneElses.request_uri, expires_in: 'soon' } } });
        const { answer: { json } } = await push();
        assert.deepEqual(json, { request_uri: someoneElses.request_uri, expires_in: 'soon' });
        order({ endpoint: 'par', parResponse: { remove: ['request_uri'] } });
        assert.deepEqual((await push()).answer.json, { expires_in: 60 });
      });

      it('keeps another request than the one that was pushed', async () => {
        order({ endpoint: 'par', pushed: { state: 'x'.repeat(43), nonce: null } });
        const { request, query } = await push();
        const flow = await mode.signIn({}, { request, query });
        assert.equal(flow.callback.searchParams.get('state'), 'x'.repeat(43));
        assert.equal(decodeJwt((await mode.exchange(flow)).json.id_token).nonce, undefined);
      });

      it('is refused elsewhere', () => {
        assert.throws(() => order({ endpoint: 'token', parResponse: {} }), /par/);
        assert.throws(() => order({ endpoint: 'authorize', pushed: {} }), /par/);
      });
    });
  });
}

describe('PAR and the rules of Wristband', () => {
  let mode;
  before(async () => { mode = await startMode({ plain: false }); });
  after(() => mode.provider.close());
  beforeEach(() => {
    mode.provider.control.reset();
    mode.provider.control.patchSettings({ par: 'required' });
  });
  const application = (path) => `http://invotastic.localhost:${mode.provider.port}${path}`;

  it('has the endpoint at the application only', async () => {
    assert.equal((await send(`http://acme-invotastic.localhost:${mode.provider.port}/api/v1/oauth2/par`, { method: 'POST', form: mode.newRequest().params })).status, 404);
  });

  it('refuses at the endpoint what it refuses in an authorization request', async () => {
    for (const [more, error] of [[{ state: 'short' }, 'invalid_request'], [{ scope: 'email' }, 'invalid_scope'], [{ prompt: 'consent' }, 'invalid_request']]) {
      const { status, json } = await mode.push(mode.newRequest(more).params);
      assert.deepEqual([status, json.error], [400, error]);
    }
  });

  it('finds the tenant of a request at the application, however long that takes', async () => {
    const request = mode.newRequest();
    const { json } = await mode.push(request.params);
    const browser = new Browser();
    const page = await browser.visit(application(`/api/v1/oauth2/authorize?${new URLSearchParams({ client_id: mode.provider.clientId, request_uri: json.request_uri })}`));
    mode.provider.control.patchSettings({ clockShiftSeconds: 600 });
    const [email, password] = USERS.globex;
    const login = await browser.submit(page, { tenant_name: 'globex', email });
    assert.match(login.text, new RegExp(`Sign in to Globex[^]*value="${email}"`));
    const { location: callback } = await browser.submit(login, { email, password });
    assert.deepEqual([callback.searchParams.get('state'), callback.searchParams.get('tenant_name')], [request.params.state, 'globex']);
    assert.equal((await mode.exchange({ ...request, callback })).status, 200);
  });

  it('goes on at another tenant', async () => {
    mode.provider.control.patchSettings({ tenantChange: true });
    const request = mode.newRequest();
    const { json } = await mode.push(request.params);
    const browser = new Browser();
    const page = await mode.visit({ client_id: mode.provider.clientId, request_uri: json.request_uri }, browser);
    const link = page.text.match(/<a href="([^"]*)">Sign in to another organisation/)[1].replaceAll('&amp;', '&');
    const login = await browser.submit(await browser.visit(link), { tenant_name: 'globex' });
    const [email, password] = USERS.globex;
    const { location: callback } = await browser.submit(login, { email, password });
    assert.equal((await mode.exchange({ ...request, callback })).status, 200);
  });

  it('signs in by the link of an email', async () => {
    const browser = new Browser();
    const url = await mode.provider.control.landing({ kind: 'invitation', email: 'ada@acme.example', to: 'http://localhost:4402/welcome' });
    assert.equal((await browser.visit(url)).location.href, 'http://localhost:4402/welcome');
  });

  it('takes the faults of the authorization endpoint', async () => {
    mode.provider.control.addFault({ endpoint: 'authorize', redirect: { error: 'access_denied' } });
    const request = mode.newRequest();
    const { json } = await mode.push(request.params);
    const { callback } = await mode.signIn({}, { request, query: { client_id: mode.provider.clientId, request_uri: json.request_uri } });
    assert.deepEqual([callback.searchParams.get('error'), callback.searchParams.get('state')], ['access_denied', request.params.state]);
  });
});
