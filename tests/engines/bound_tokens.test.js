// Tokens that are bound to a key (DPoP), pushed requests (PAR) and a step-up, in every engine, wherever the vault keeps its key from the page.
import assert from 'node:assert/strict';
import { ada } from '../e2e/support/people.js';
import { useStolen } from '../e2e/support/stolen.js';
import { stage } from './support/harness.js';

const { test } = stage({ plain: true });

const REQUIRED = { dpop: 'required', dpopNonce: true, apiDpopNonce: true };

async function logIn(app) {
  await app.leave({});
  await app.signIn(ada);
  return app.is('signed-in');
}

/** The proofs of all requests to these endpoints. A request without one has `undefined`. */
const proofsOf = (providerLog, endpoints) => endpoints.flatMap((endpoint) => providerLog.requests(endpoint)).map(({ dpop }) => dpop);

for (const home of ['shared', 'worker']) {
  test(`law 5: every token is used with the vault's key, and with no other, vault location: ${home}`, { announced: [/401/] }, async (world) => {
    const { app, control, newApp, page, providerLog, site } = world;
    const { headers } = site;
    site.headers = (name) => (name === 'blank.html' ? {} : headers(name));
    control.patchSettings(REQUIRED);
    Object.assign(site.config, { vault: home, dpop: 'required' });
    await app.open();
    await app.is('signed-out');
    const { isBound, vault } = await logIn(app);
    assert.deepEqual([isBound, vault], [true, home]);
    assert.equal((await app.callApi()).status, 200);
    assert.equal((await page.evaluate(() => window.auth.userInfo())).email, ada.email);
    await app.renew();
    assert.equal((await app.callApi()).status, 200);

    const proofs = proofsOf(providerLog, ['token', 'userinfo', 'api']);
    assert.ok(!proofs.includes(undefined), 'A request had no proof.');
    assert.equal(new Set(proofs.map(({ header }) => header.jwk.x)).size, 1, 'one key for the session');
    assert.equal(new Set(proofs.map(({ claims }) => claims.jti)).size, proofs.length);
    assert.ok(proofs.every(({ header }) => header.jwk.d === undefined));

    // A page of the same origin that may send what it likes. Only the key is wrong.
    control.patchSettings({ apiDpopNonce: false });
    const { page: thief } = await newApp();
    await thief.open(site.blank);
    const statuses = await thief.evaluate(useStolen, control.issued().accessTokens.at(-1), site.config.apiUrl);
    assert.deepEqual(statuses, [401, 401]);
    const refusals = providerLog.requests('api').filter(({ status }) => status === 401).slice(-2).map(({ problem }) => problem);
    assert.match(refusals.toSorted().join('\n'), /The proof is of another key[^]*its scheme is DPoP/);
    assert.equal((await app.callApi()).status, 200);

    await page.evaluate(() => { window.isLeft = true; });
    await page.reload();
    await page.until(() => !window.isLeft);
    assert.equal((await app.is('signed-in')).isBound, true);
    assert.equal((await app.callApi()).status, 200);
    await app.logOut();
    assert.equal(providerLog.requests('logout').length, 1);
  });
}

test('the API asks for a second factor, and the login that it asks for satisfies it', { announced: [/40[01]/] }, async (world) => {
  const { app, control, page, providerLog, site } = world;
  control.patchSettings({ ...REQUIRED, stepUp: true, par: 'required' });
  Object.assign(site.config, { dpop: 'required', par: 'required' });
  await app.open();
  await app.is('signed-out');
  await logIn(app);
  const sensitive = site.config.apiUrl.replace('/me', '/sensitive');
  const error = await page.evaluate((url) => window.auth.fetch(url).then(({ status }) => status, ({ code, acrValues, maxAge }) => ({ code, acrValues, maxAge })), sensitive);
  assert.deepEqual(error, { code: 'insufficient_user_authentication', acrValues: 'urn:example:mfa', maxAge: 300 });
  await page.evaluate((asked) => { window.auth.login(asked); }, { acrValues: error.acrValues, maxAge: error.maxAge });
  await app.signIn(ada);
  await page.fill('#code', '000000');
  await page.click('button', 'Continue');
  const state = await app.is('signed-in');
  assert.deepEqual([state.acr, state.isBound], ['urn:example:mfa', true]);
  assert.equal(await page.evaluate((url) => window.auth.fetch(url).then(({ status }) => status), sensitive), 200);
  const [first, ...others] = providerLog.authorizeRequests().filter(({ pushed }) => pushed).map(({ query }) => query.request_uri);
  assert.ok(first && others.length && !others.includes(first), 'each request is pushed by itself');
});
