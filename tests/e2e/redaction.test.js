// Law 1: no secret is in any output that a user or a developer could read. Covers the whole life of a session, with all its output.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { openWorker, workersOf } from './support/devtools.js';
import { eventually } from './support/eventually.js';
import { stage } from './support/harness.js';
import { record } from './support/recorder.js';
import { ada } from './support/people.js';
import { leaks, chunksOfSecrets } from './support/chunks.js';

const { test } = stage({ app: 'pkg' });

/** It takes twenty seconds on an idle machine. */
const LONG = 300_000;

/** The browser itself logs every refusal. */
const announced = [/status of (400|401|503)/];

const vaultScript = await readFile(new URL('../../pkg/dist/vault.js', import.meta.url), 'utf8');
/** Run in a vault, these set its clock two hours ahead, and back. */
const AHEAD = 'Date.right = Date.now; Date.now = () => Date.right() + 7_200_000;';
const BACK = 'Date.now = Date.right ?? Date.now;';

const isCallback = (url) => url.pathname === '/callback';

/** Waits until a sign-in has failed in this way. */
const hasFailed = ({ page }, code) => page.waitForFunction((wanted) => window.auth?.state.error?.code === wanted, code);

/** Starts a login while the provider has this fault, and waits until it has failed. */
async function failToLogIn(world, fault, code) {
  const { app, control, page } = world;
  control.addFault(fault);
  await app.open();
  const back = page.waitForURL(isCallback, { waitUntil: 'commit' });
  await app.leave();
  await back;
  await hasFailed(world, code);
}

/** Sets the clock of the current vault, and of those that follow. */
async function turnVaultClock({ page, site }, turn) {
  site.spoil('vault.js', { body: turn + vaultScript });
  const turnClockOf = async (worker) => {
    const tools = await openWorker(worker);
    await tools.send('Runtime.evaluate', { expression: turn });
    await tools.detach();
  };
  // A worker whose page was just left may be ending, and needs no clock.
  for (const worker of await (await workersOf(page)).list()) await turnClockOf(worker).catch(() => {});
}

/** A login that comes back too late. */
async function comeBackTooLate(world) {
  const { app } = world;
  await app.open();
  await app.leave();
  await app.provider.email.waitFor();
  await turnVaultClock(world, AHEAD);
  await app.provider.signIn(ada);
  await hasFailed(world, 'state_expired');
  await turnVaultClock(world, BACK);
}

/** Logins to which the provider answers with errors and lies that echo the requests and the issued secrets. */
async function failInEveryWay(world) {
  const { codes: [code], nonces: [nonce], states: [state] } = world.control.issued();
  const words = `You sent ${state}, ${nonce}, ${code}`;
  await failToLogIn(world, { endpoint: 'authorize', redirect: { error: 'access_denied', error_description: words } }, 'access_denied');
  await failToLogIn(world, { endpoint: 'authorize', redirect: { error: code, error_description: words } }, 'authorization_failed');
  await failToLogIn(world, { endpoint: 'token', status: 400, repeat: true }, 'provider_rejected');
  world.control.clearFaults();
  const lies = [
    [{ signature: 'broken' }, 'id_token_signature'],
    [{ kid: code }, 'id_token_key'],
    [{ alg: 'HS256', header: { cty: code } }, 'id_token_algorithm'],
    [{ claims: { iss: code } }, 'id_token_issuer'],
    [{ claims: { aud: [code, nonce] } }, 'id_token_audience'],
    [{ claims: { nonce: code } }, 'id_token_nonce'],
    [{ claims: { at_hash: code } }, 'id_token_access_token_hash'],
  ];
  for (const [idToken, failure] of lies) await failToLogIn(world, { endpoint: 'token', idToken }, failure);
  await failToLogIn(world, { endpoint: 'token', tokenResponse: { set: { token_type: code } } }, 'provider_response_invalid');
}

/** A session, with a provider that echoes its requests. */
async function beRepeated({ app, control, page }) {
  const userInfo = () => page.evaluate(() => window.auth.userInfo().then(() => 'done', ({ code }) => code));
  const [refreshToken, accessToken] = [control.issued().refreshTokens.at(-1), control.issued().accessTokens.at(-1)];
  control.addFault({ endpoint: 'token', status: 400, repeat: true });
  assert.equal(await app.call('renew'), 'provider_rejected');
  control.addFault({ endpoint: 'token', idToken: { claims: { iss: refreshToken } } });
  assert.equal(await app.call('renew'), 'id_token_issuer');
  control.addFault({ endpoint: 'userinfo', status: 400, repeat: true });
  assert.equal(await userInfo(), 'provider_rejected');
  control.addFault({ endpoint: 'userinfo', userInfo: { set: { sub: accessToken } } });
  assert.equal(await userInfo(), 'user_info_subject');
  control.addFault({ endpoint: 'api', status: 401, times: 2, headers: { 'WWW-Authenticate': `Bearer error_description="${accessToken}"` } });
  assert.deepEqual(await app.callApi(), [401]);
  assert.equal(await page.evaluate(() => window.auth.fetch('/elsewhere').then(() => 'sent', ({ code }) => code)), 'address_not_listed');
  assert.equal(await app.call('accessToken'), 'access_token_not_exposed');
}

/** Everything that can happen to a session, from forged callbacks to the logout in another tab. */
async function live(world) {
  const { app, control, newApp, page, site, watched } = world;
  site.config.restore = 'none';
  await app.open('callback?code=forged&state=forged');
  await hasFailed(world, 'state_unknown');
  delete site.config.restore;
  await comeBackTooLate(world);
  await failInEveryWay(world);
  await app.open();
  await app.leave();
  await app.isSignedIn(ada);
  assert.deepEqual(await app.callApi(3), [200, 200, 200]);
  assert.equal(await page.evaluate(async () => (await window.auth.userInfo()).email), ada.email);
  assert.equal(await app.call('renew'), 'done');
  await beRepeated(world);
  await page.reload();
  await app.isSignedIn(ada);
  const other = await newApp();
  await other.page.goto(watched.navigations.findLast((url) => url.startsWith(`${site.url('callback')}?code=`)));
  await other.page.waitForFunction(() => ['failed', 'signed-in'].includes(window.auth?.state.status));
  await other.open();
  await other.isSignedIn(ada);
  control.addFault({ endpoint: 'revoke', status: 400, repeat: true });
  await other.logOut();
  assert.equal(await app.isSignedOut(), 'signed-out');
}

for (const vault of ['shared', 'worker', 'page']) {
  test(`law 1: no output or state holds a secret, vault location: ${vault}`, { announced, within: LONG }, async (world) => {
    const { context, control, page, site, tell } = world;
    site.config.vault = vault;
    const { heard, settle } = await record(context, page);
    await live(world);
    await settle();
    const secrets = chunksOfSecrets(control);
    assert.deepEqual(secrets.kinds, ['codes', 'accessTokens', 'refreshTokens', 'idTokens', 'nonces', 'states', 'codeVerifiers']);
    assert.ok(secrets.count > 50, `There were only ${secrets.count} secrets.`);
    // A vault writes nothing to its console, but the test did listen.
    const home = { shared: 'shared_worker', worker: 'worker', page: 'console' }[vault];
    for (const place of ['states', 'errors', home]) assert.ok(heard.some((saying) => saying.place === place), place);
    // The provider did echo the secrets, and its message was shown without them.
    assert.ok(heard.some(({ place, text }) => place === 'errors' && text.includes('[redacted]')));
    assert.deepEqual(leaks(secrets, heard), []);
    tell(`${secrets.count} secrets were searched for in ${heard.length} lines`);
  });
}

/** Ways to reveal a secret, and where it has to be recorded then. */
const IN_PAGE = [
  ['console.log', (token) => console.log(token)],
  ['console.debug', (token) => console.debug('the session:', { deep: [{ token }] })],
  ['console.warn', (token) => console.warn(`a piece of it: ${token.slice(-20)}`)],
  ['console.info', (token) => console.info(`?token=${encodeURIComponent(`"${token}"`)}`)],
  ['console.error', (token) => console.error(btoa(`{"token":"${token}"}`))],
  ['uncaught', (token) => { setTimeout(() => { throw new Error(token); }); }],
  ['unhandled', (token) => { Promise.reject(Object.assign(new Error('no'), { oauth: { description: token } })); }],
  ['states', (token) => { window.auth = { state: { status: 'failed', error: new Error(token) }, subscribe() {} }; }],
  ['errors', (token) => {
    window.auth = { state: {}, subscribe() {}, login: () => Promise.reject(new Error(token)) };
    window.auth.login().catch(() => {});
  }],
];

test('the recorder notices a secret in a page, however it is written', { announced: [/./] }, async (world) => {
  const { app, context, control, page, site } = world;
  Object.assign(site.config, { vault: 'shared', exposeAccessToken: true });
  const { heard } = await record(context, page);
  await app.open();
  await app.logIn(ada);
  const found = () => leaks(chunksOfSecrets(control), heard);
  assert.deepEqual(found(), []);
  for (const [index, [place, say]] of IN_PAGE.entries()) {
    // Another token for each, so that none is recorded because of an earlier one.
    if (index > 0) assert.equal(await page.evaluate(() => window.session.renew().then(() => 'done')), 'done');
    const token = await page.evaluate(() => { window.session ??= window.auth; return window.session.accessToken(); });
    assert.equal(token, control.issued().accessTokens[index]);
    await page.evaluate(say, token);
    await eventually(`${place} to be heard`, () => found().includes(`${place}: accessTokens[${index}]`));
  }
});

for (const [vault, place] of [['shared', 'shared_worker'], ['worker', 'worker']]) {
  test(`the recorder notices a secret written by a vault, vault location: ${vault}`, async (world) => {
    const { app, context, control, page, site } = world;
    site.config.vault = vault;
    const { heard } = await record(context, page);
    await app.open();
    await app.logIn(ada);
    const [worker] = await (await workersOf(page)).list();
    const tools = await openWorker(worker);
    const [refreshToken] = control.issued().refreshTokens;
    await tools.send('Runtime.evaluate', { expression: `console.info('the session', ${JSON.stringify(refreshToken)})` });
    await eventually('the worker to be heard', () => leaks(chunksOfSecrets(control), heard).includes(`${place}: refreshTokens[0]`));
  });
}
