// The fake session, as a test of an app uses it, in Node alone.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { scratch } from '../../packaging/support/scratch.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = path.join(await scratch('fake', here), 'node_modules/wristband-spa-auth/dist');
const load = (name) => import(pathToFileURL(path.join(dist, name)));
const { AuthError } = await load('index.js');
const { authError, createFakeAuth, failed, loading, signedIn, signedOut, userInfo } = await load('testing.js');

const ME = 'https://api.example/v1/me';
const ada = signedIn({ userId: 'ada', tenantId: 't1', tenantName: 'acme' });

test('a partial state becomes a whole one', () => {
  const auth = createFakeAuth();
  assert.deepEqual(auth.state, signedOut('never-signed-in'));
  auth.set({ status: 'signed-in', userId: 'ada', tenantId: 't1' });
  assert.deepEqual(auth.state.claims, { sub: 'ada', tnt_id: 't1' });
  assert.deepEqual([auth.state.renewing, auth.state.tenantName, auth.state.vault], [false, null, 'shared']);
  auth.set({ status: 'signed-out' });
  assert.equal(auth.state.reason, 'never-signed-in');
  auth.set({ status: 'signed-out', reason: 'expired', vault: 'page' });
  assert.deepEqual(auth.state, { status: 'signed-out', reason: 'expired', vault: 'page', vaultFallback: null });
});

test('subscribers get each new state, until they unsubscribe, and nothing if nothing changes', () => {
  const auth = createFakeAuth();
  const seen = [];
  const listener = (state) => seen.push(state);
  const [stop, stopOther] = [auth.subscribe(listener), auth.subscribe(listener)];
  const before = auth.state;
  auth.set(signedOut());
  assert.equal(auth.state, before);
  auth.set(ada);
  stopOther();
  auth.set({ ...auth.state, offline: true });
  stop();
  auth.set(signedOut());
  assert.deepEqual(seen.map(({ status, offline }) => [status, offline]), [['signed-in', false], ['signed-in', false], ['signed-in', true]]);
  assert.notEqual(seen[0], seen[2]);
});

test('ready is fulfilled once the state is known, also after a failed sign-in, and rejects without a vault', async () => {
  const auth = createFakeAuth({ state: loading() });
  let isReady = false;
  const waiting = auth.ready.then(() => (isReady = true));
  await new Promise(setImmediate);
  assert.equal(isReady, false);
  auth.set(failed('access_denied'));
  await waiting;
  await createFakeAuth({ state: ada }).ready;
  await assert.rejects(createFakeAuth({ state: failed('vault_unavailable') }).ready, { code: 'vault_unavailable' });
});

test('an error is the library\'s own, with the blame, the advice to retry and the sentence of its code', () => {
  const error = authError('network', { detail: 'https://api.example' });
  assert.ok(error instanceof AuthError);
  assert.deepEqual({ ...error }, { name: 'AuthError', code: 'network', blame: 'network', retryable: true, detail: 'https://api.example', oauth: undefined });
  assert.equal(error.message, 'network: no response arrived: https://api.example (network)');
  const refused = authError('authorization_failed', { oauth: { error: 'server_error', description: 'Not today.' } });
  assert.equal(refused.message, 'provider: the provider refused to authorize: server_error - Not today. (authorization_failed)');
  assert.deepEqual(refused.oauth, { error: 'server_error', description: 'Not today.' });
  assert.equal(failed('login_loop').error.retryable, true);
});

test('fetch answers what the test gives: JSON, a response, a failure, by URL and method or by a function', async () => {
  const responses = {
    [ME]: { name: 'Ada' },
    [`POST ${ME}`]: ({ headers }) => Response.json({ type: headers.get('content-type') }, { status: 201 }),
    'https://api.example/v1/gone': new Response('gone', { status: 404 }),
    'https://api.example/v1/down': authError('network'),
  };
  const auth = createFakeAuth({ state: ada, responses });
  const response = await auth.fetch(ME);
  assert.equal(response.url, ME);
  assert.deepEqual(await response.json(), { name: 'Ada' });
  assert.deepEqual(await (await auth.fetch(ME)).json(), { name: 'Ada' });
  const created = await auth.fetch(new URL(ME), { method: 'post', body: '{}', headers: { 'content-type': 'application/json' } });
  assert.deepEqual([created.status, await created.json()], [201, { type: 'application/json' }]);
  for (let time = 0; time < 2; time++) assert.equal(await (await auth.fetch('https://api.example/v1/gone')).text(), 'gone');
  await assert.rejects(auth.fetch('https://api.example/v1/down'), { code: 'network' });
  await assert.rejects(auth.fetch('https://api.example/v1/other?a=b'), /no response for GET https:\/\/api\.example\/v1\/other\?a=b/);
  assert.deepEqual(auth.requests.slice(0, 3).map(({ method }) => method), ['GET', 'GET', 'POST']);
  assert.equal(await auth.requests[2].text(), '{}');
  auth.setResponses(async (request) => ({ path: new URL(request.url).pathname }));
  assert.deepEqual(await (await auth.fetch(new Request(ME))).json(), { path: '/v1/me' });
});

test('fetch refuses URLs that no API lists, as the library does', async () => {
  const auth = createFakeAuth({ state: ada, apis: ['https://api.example/v1/', { prefix: 'https://two.example' }], responses: () => ({}) });
  for (const url of ['https://api.example/v1/me', 'https://two.example/', 'https://two.example/a']) await auth.fetch(url);
  for (const url of ['https://api.example/v1', 'https://api.example/v10/', 'https://api.example/v1/../v2', 'https://other.example/v1/', 'http://two.example/']) {
    await assert.rejects(auth.fetch(url), { code: 'address_not_listed', blame: 'caller' }, url);
  }
  assert.equal(auth.requests.length, 3);
  assert.equal(auth.calls.fetch.length, 8);
});

test('what needs a user waits while the state is loading, and rejects without a user', async () => {
  const auth = createFakeAuth({ state: loading(), responses: { [ME]: {} }, accessToken: 'token' });
  const waiting = [auth.fetch(ME), auth.userInfo(), auth.renew(), auth.accessToken()];
  assert.equal(await Promise.race([...waiting, new Promise((resolve) => setImmediate(resolve, 'nothing'))]), 'nothing');
  auth.set(ada);
  const [, info, , token] = await Promise.all(waiting);
  assert.deepEqual([info.userId, info.tenantName, token, auth.state.renewals], ['ada', 'acme', 'token', 1]);
  auth.set(loading());
  const again = auth.fetch(ME);
  assert.equal(await Promise.race([again, new Promise((resolve) => setImmediate(resolve, 'nothing'))]), 'nothing');
  auth.set(signedOut());
  await assert.rejects(again, { code: 'not_signed_in' });
  for (const call of [auth.fetch(ME), auth.userInfo(), auth.renew(), auth.accessToken()]) await assert.rejects(call, { code: 'not_signed_in' });
});

test('the access token is not exposed unless the test gives one', async () => {
  await assert.rejects(createFakeAuth({ state: ada }).accessToken(), { code: 'access_token_not_exposed' });
});

test('without a vault every call rejects with the reason', async () => {
  const auth = createFakeAuth({ state: failed('vault_unavailable') });
  for (const call of [auth.login(), auth.logout(), auth.fetch(ME)]) await assert.rejects(call, { code: 'vault_unavailable' });
});

test('the user info is that of the state, with what the test adds', async () => {
  const auth = createFakeAuth({ state: ada, userInfo: { email: 'ada@acme.example', customClaims: { plan: 'paid' } } });
  const info = await auth.userInfo();
  assert.deepEqual(info, userInfo({
    userId: 'ada', tenantId: 't1', tenantName: 'acme', claims: { sub: 'ada', tnt_id: 't1' }, email: 'ada@acme.example', customClaims: { plan: 'paid' },
  }));
  auth.setUserInfo({ email: null });
  assert.equal((await auth.userInfo()).customClaims, null);
});

test('calls are recorded with their arguments, and need no this', async () => {
  const auth = createFakeAuth({ state: ada });
  const { login, loginFromUrl, logout, renew } = auth;
  await login({ tenantName: 'acme' });
  await login();
  await loginFromUrl('https://app.example/login?tenant_name=acme');
  await renew();
  await auth.stay();
  assert.deepEqual(await logout({ returnTo: '/' }), { endsProviderSession: true });
  assert.deepEqual(auth.calls, {
    accessToken: [], dispose: [], dpopProof: [], fetch: [], login: [[{ tenantName: 'acme' }], []],
    loginFromUrl: [['https://app.example/login?tenant_name=acme']], logout: [[{ returnTo: '/' }]], renew: [[]], stay: [[]], userInfo: [],
  });
  assert.deepEqual(auth.state, signedOut('signed-out'));
});

test('the next call fails if the test says so', async () => {
  const auth = createFakeAuth({ state: ada });
  auth.failNext('login', 'offline');
  auth.failNext('login', authError('login_loop', { detail: 'five times' }));
  await assert.rejects(auth.login(), { code: 'offline' });
  await assert.rejects(auth.login(), { code: 'login_loop', detail: 'five times' });
  await auth.login();
});

test('an aborted fetch rejects with the reason of its signal', async () => {
  const auth = createFakeAuth({ state: ada, responses: () => new Promise(() => {}) });
  const [before, during] = [new AbortController(), new AbortController()];
  before.abort();
  await assert.rejects(auth.fetch(ME, { signal: before.signal }), { name: 'AbortError' });
  const call = auth.fetch(new Request(ME, { signal: during.signal }));
  during.abort();
  await assert.rejects(call, { name: 'AbortError' });
});

test('after dispose, pending and later calls reject, and subscribers are not called', async () => {
  const auth = createFakeAuth({ state: loading() });
  let count = 0;
  auth.subscribe(() => count++);
  const [pending, ready] = [auth.fetch(ME), auth.ready];
  auth.dispose();
  for (const call of [pending, ready, auth.login(), auth.userInfo()]) await assert.rejects(call, { code: 'disposed' });
  auth.set(ada);
  assert.equal(count, 0);
  await assert.rejects(auth.logout(), { code: 'disposed' });
  assert.equal(auth.state.status, 'signed-in');
});

test('the outcome of a sign-in can be set', () => {
  const auth = createFakeAuth({ state: ada, lastSignIn: { returnTo: '/invoices', error: null } });
  assert.equal(auth.lastSignIn.returnTo, '/invoices');
  auth.lastSignIn = { returnTo: null, error: authError('access_denied') };
  assert.equal(auth.lastSignIn.error.code, 'access_denied');
});

test('an error of a subscriber does not keep the state from the others', (t) => {
  const auth = createFakeAuth();
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  t.after(() => delete globalThis.reportError);
  let seen;
  auth.subscribe(() => { throw new Error('of the app'); });
  auth.subscribe((state) => (seen = state));
  auth.set(ada);
  assert.equal(seen.userId, 'ada');
  assert.deepEqual(reported, ['of the app']);
});
