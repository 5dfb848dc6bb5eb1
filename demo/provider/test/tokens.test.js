// Refresh tokens, userinfo, revocation, the protected API and the control API.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { startProvider } from '../src/provider.js';
import { actions, send } from './browser.js';

let provider;
let act;
before(async () => { provider = await startProvider(); act = actions(provider); });
after(() => provider.close());
beforeEach(() => provider.control.reset());

const refused = (answer) => {
  assert.equal(answer.status, 400);
  assert.equal(answer.json.error, 'invalid_grant');
};

describe('access tokens', () => {
  it('expire when a test says so, at the API and at userinfo, and a renewed one does not', async () => {
    const first = await act.tokens();
    assert.deepEqual([(await act.api('me', first.access_token)).status, (await act.userinfo(first.access_token)).status], [200, 200]);
    await act.control('POST', 'expire-access-tokens');
    assert.deepEqual([(await act.api('me', first.access_token)).status, (await act.userinfo(first.access_token)).status], [401, 401]);
    const { json: second } = await act.refresh(first.refresh_token);
    assert.deepEqual([(await act.api('me', second.access_token)).status, (await act.userinfo(second.access_token)).status], [200, 200]);
  });
});

describe('the token endpoint', () => {
  it('refuses a code twice, a wrong verifier and a wrong redirect URI', async () => {
    const flow = await act.signIn();
    const { json } = await act.exchange(flow);
    refused(await act.exchange(flow));
    refused(await act.refresh(json.refresh_token));
    refused(await act.exchange(await act.signIn(), { code_verifier: 'x'.repeat(43) }));
    refused(await act.exchange(await act.signIn(), { redirect_uri: 'http://localhost:4402/other' }));
  });

  it('refuses a client that it does not know, and bodies that are not forms', async () => {
    const answer = await act.refresh('x', { client_id: 'nobody' });
    assert.equal(answer.status, 401);
    assert.equal(answer.json.error, 'invalid_client');
    const json = await send(act.application('/api/v1/oauth2/token'), { method: 'POST', json: { grant_type: 'refresh_token' } });
    assert.equal(json.status, 400);
  });

  it('issues refresh tokens as JWTs that only it can verify', async () => {
    const { refresh_token: token } = await act.tokens();
    const { alg, typ } = decodeProtectedHeader(token);
    assert.deepEqual([alg, typ], ['HS256', 'rt+JWT']);
    refused(await act.refresh(decodeJwt(token).jti));
    refused(await act.refresh(token.replace(/.{4}$/, 'AAAA')));
  });

  it('rotates refresh tokens, and takes the last one again for a while', async () => {
    const first = await act.tokens();
    assert.equal((await act.refresh(first.refresh_token)).status, 200);
    assert.equal((await act.refresh(first.refresh_token)).status, 200);
  });

  it('ends the family when an old refresh token comes again, if it is strict', async () => {
    provider.control.patchSettings({ reuseGraceSeconds: 0 });
    const first = await act.tokens();
    const second = (await act.refresh(first.refresh_token)).json;
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.equal(decodeJwt(second.id_token).sub, decodeJwt(first.id_token).sub);
    assert.equal(decodeJwt(second.id_token).auth_time, decodeJwt(first.id_token).auth_time);
    refused(await act.refresh(first.refresh_token));
    refused(await act.refresh(second.refresh_token));
  });

  it('takes one of two refreshes that come at the same time', async () => {
    provider.control.patchSettings({ reuseGraceSeconds: 0 });
    const { refresh_token: token } = await act.tokens();
    const answers = await Promise.all([act.refresh(token), act.refresh(token)]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400]);
  });

  it('obeys the settings for rotation, reuse and grace', async () => {
    provider.control.patchSettings({ rotateRefreshTokens: false });
    const fixed = await act.tokens();
    assert.equal((await act.refresh(fixed.refresh_token)).json.refresh_token, fixed.refresh_token);

    provider.control.patchSettings({ rotateRefreshTokens: true, detectReuse: false, reuseGraceSeconds: 0 });
    const lenient = await act.tokens();
    const next = (await act.refresh(lenient.refresh_token)).json;
    refused(await act.refresh(lenient.refresh_token));
    assert.equal((await act.refresh(next.refresh_token)).status, 200);

    provider.control.patchSettings({ detectReuse: true, reuseGraceSeconds: 60 });
    const graceful = await act.tokens();
    assert.equal((await act.refresh(graceful.refresh_token)).status, 200);
    assert.equal((await act.refresh(graceful.refresh_token)).status, 200);
  });

  it('leaves out what the settings say', async () => {
    provider.control.patchSettings({ omitRefreshTokenOnRefresh: true, omitIdTokenOnRefresh: true, includeAtHash: false });
    const tokens = await act.tokens();
    assert.equal(decodeJwt(tokens.id_token).at_hash, undefined);
    for (let round = 0; round < 2; round += 1) {
      const { status, json } = await act.refresh(tokens.refresh_token);
      assert.equal(status, 200);
      assert.deepEqual(Object.keys(json).sort(), ['access_token', 'expires_in', 'scope', 'token_type']);
    }
  });

  it('has every refresh token revoked on request', async () => {
    const tokens = await act.tokens();
    await act.control('POST', 'revoke-all');
    refused(await act.refresh(tokens.refresh_token));
  });
});

describe('revoking', () => {
  it('succeeds for every token and ends the family', async () => {
    const revoke = (token) => send(act.application('/api/v1/oauth2/revoke'), { method: 'POST', form: { token, client_id: provider.clientId } });
    const tokens = await act.tokens();
    const { json } = await act.refresh(tokens.refresh_token);
    for (const token of [json.refresh_token, 'unknown', tokens.access_token]) assert.equal((await revoke(token)).status, 200);
    refused(await act.refresh(json.refresh_token));
  });
});

describe('userinfo', () => {
  it('answers by scope', async () => {
    const full = (await act.userinfo((await act.tokens()).access_token)).json;
    assert.equal(full.email, 'ada@acme.example');
    assert.equal(full.given_name, 'Ada');
    assert.deepEqual(full.roles.map(({ name, displayName }) => [name, displayName]), [['app:invotastic:owner', 'Owner']]);
    assert.equal(full.custom_claims.department, 'acme-billing');
    assert.equal(full.phone_number_verified, true);
    const little = (await act.userinfo((await act.tokens({ scope: 'openid' })).access_token)).json;
    assert.deepEqual(Object.keys(little).sort(), ['app_id', 'app_name', 'custom_claims', 'idp_name', 'sub', 'tnt_id', 'tnt_name']);
  });

  it('refuses bad tokens, in the shape that the settings say', async () => {
    const tokens = await act.tokens();
    for (const token of ['x', tokens.id_token, `${tokens.access_token}x`]) assert.equal((await act.userinfo(token)).status, 401);
    assert.equal((await act.userinfo('x')).json.type, 'base_error');
    provider.control.patchSettings({ userinfoErrorShape: 'oauth' });
    assert.equal((await act.userinfo('x')).json.error, 'invalid_token');
  });
});

describe('the protected API', () => {
  it('serves good tokens', async () => {
    const tokens = await act.tokens();
    const me = await act.api('me', tokens.access_token);
    assert.deepEqual([me.status, me.json.tenant.name, me.json.email], [200, 'acme', 'ada@acme.example']);
    assert.ok(me.json.scopes.includes('roles'));
    assert.equal((await act.api('invoices', tokens.access_token)).json.invoices.length, 3);
    const echo = await act.api('echo', undefined, { method: 'POST', json: { a: 1 }, headers: { authorization: `Bearer ${tokens.access_token}` } });
    assert.deepEqual(echo.json.received, { a: 1 });
  });

  it('refuses all others in JSON', async () => {
    const tokens = await act.tokens();
    for (const token of [undefined, 'x', tokens.id_token, `${tokens.access_token.slice(0, -8)}AAAAAAAA`]) {
      const answer = await act.api('me', token);
      assert.deepEqual([answer.status, answer.json.error], [401, 'invalid_token']);
    }
    provider.control.patchSettings({ clockShiftSeconds: 1801 });
    assert.equal((await act.api('me', tokens.access_token)).status, 401);
  });

  it('redirects, obeys faults, and records whether a token came along', async () => {
    const { headers } = await act.api('redirect?to=https://elsewhere.example/', 'x');
    assert.equal(headers.location, 'https://elsewhere.example/');
    provider.control.addFault({ endpoint: 'api', status: 500, body: { error: 'broken' } });
    assert.equal((await act.api('me')).status, 500);
    const entries = provider.control.log().filter(({ endpoint }) => endpoint === 'api');
    assert.deepEqual(entries.map(({ authorization }) => authorization), [true, false]);
    assert.equal((await act.api('me', undefined, { headers: { origin: 'http://localhost:4402' } })).headers['access-control-allow-origin'], 'http://localhost:4402');
  });
});

describe('the control API', () => {
  it('remembers what was issued and what was asked, and forgets it on reset', async () => {
    const tokens = await act.tokens();
    const issued = await act.control('GET', 'issued');
    assert.deepEqual(issued.refreshTokens, [tokens.refresh_token]);
    assert.deepEqual(issued.codes, [tokens.callback.searchParams.get('code')]);
    assert.deepEqual(issued.nonces, [tokens.params.nonce]);
    assert.ok(issued.idTokens.includes(tokens.id_token) && issued.accessTokens.includes(tokens.access_token));
    const log = await act.control('GET', 'log');
    const entry = log.find(({ endpoint }) => endpoint === 'token');
    assert.deepEqual([entry.form.code_verifier, entry.authorization, entry.status], [tokens.verifier, false, 200]);
    await act.control('PATCH', 'settings', { accessTokenTtl: 5 });
    await act.control('POST', 'reset');
    assert.deepEqual((await act.control('GET', 'issued')).codes, []);
    assert.equal((await act.control('GET', 'settings')).accessTokenTtl, 1800);
    refused(await act.refresh(tokens.refresh_token));
  });

  it('refuses settings that do not exist or do not fit, and pages from elsewhere', async () => {
    assert.match((await act.control('PATCH', 'settings', { colour: 'red' })).error, /colour/);
    assert.match((await act.control('PATCH', 'settings', { accessTokenTtl: 'long' })).error, /accessTokenTtl/);
    const answer = await send(`http://localhost:${provider.port}/__control/settings`, { headers: { origin: 'https://evil.example' } });
    assert.equal(answer.status, 403);
    assert.equal((await send(act.application('/__control/settings'))).status, 404);
  });

  it('ends sessions', async () => {
    const { browser } = await act.signIn();
    await act.control('POST', 'end-sessions');
    const { page } = await act.signIn(browser);
    assert.match(page.text, /Sign in to Acme/);
  });
});
