// ID tokens that lie let nobody in: end to end, each lie under its own name.
import assert from 'node:assert/strict';
import { eventually } from './support/eventually.js';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';
import { storageOf } from './support/storage.js';

const { test } = stage();
const now = () => Math.floor(Date.now() / 1000);

const LIES = [
  ['a broken signature', { signature: 'broken' }, 'id_token_signature'],
  ["a stranger's signature", { signature: 'other-key' }, 'id_token_signature'],
  ['no signature (alg none)', { alg: 'none' }, 'id_token_algorithm'],
  ['the public key as a shared secret (HS256)', { alg: 'HS256' }, 'id_token_algorithm'],
  ['an unknown key', { kid: 'unknown' }, 'id_token_key'],
  ['another issuer', { claims: { iss: 'https://evil.example' } }, 'id_token_issuer'],
  ['another audience', { claims: { aud: 'another-client' } }, 'id_token_audience'],
  ['another audience beside ours', { claims: { aud: ['demospaclient0000000000001', 'another-client'] } }, 'id_token_audience'],
  ['another authorized party', { claims: { azp: 'another-client' } }, 'id_token_audience'],
  ['another nonce', { claims: { nonce: 'another-nonce-of-another-login' } }, 'id_token_nonce'],
  ['no nonce', { remove: ['nonce'] }, 'id_token_nonce'],
  ['an end in the past', () => ({ claims: { exp: now() - 600 } }), 'id_token_expired'],
  ['a time of issue in the future', () => ({ claims: { iat: now() + 600 } }), 'id_token_issued_at'],
  ['a beginning in the future', () => ({ claims: { nbf: now() + 600 } }), 'id_token_issued_at'],
  ["another access token's hash", { claims: { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' } }, 'id_token_access_token_hash'],
  ['nobody in it', { remove: ['sub'] }, 'id_token_subject'],
];

for (const [what, lie, code] of LIES) {
  test(`an ID token with ${what} lets nobody in: ${code}`, async ({ control, demo, page, witness }) => {
    control.addFault({ endpoint: 'token', grant: 'authorization_code', idToken: typeof lie === 'function' ? lie() : lie });
    await demo.open();
    await demo.leave({ tenant: 'acme' });
    await demo.provider.signIn(ada);
    await demo.alerts(code);
    await demo.isSignedOut();
    assert.equal(await demo.userInfo.count(), 0);
    assert.deepEqual(witness.requests('userinfo'), []);

    const { databases, localStorage, sessionStorage, cookies } = await storageOf(page);
    assert.deepEqual({ localStorage, sessionStorage, cookies }, { localStorage: {}, sessionStorage: {}, cookies: [] });
    assert.deepEqual(Object.values(databases), [{ hint: [], pending: [] }]);

    // What came with the lie is worthless.
    const token = witness.lastRefreshToken();
    await eventually('the revocation', () => witness.requests('revoke').some(({ form, status }) => form.token === token && status === 200));
    assert.equal((await witness.tryRefreshToken(token)).error, 'invalid_grant');
  });
}

test("a device whose clock is an hour slow gets in by the time of the app's own host", async ({ control, demo, site }) => {
  control.patchSettings({ clockShiftSeconds: 3600 });
  site.clockShift = 3600;
  await demo.open();
  await demo.logIn(ada);
  await demo.renew(1);
});

test('a device whose clock nobody can check is told so', async ({ control, demo, site }) => {
  control.patchSettings({ clockShiftSeconds: 3600 });
  site.clockShift = null;
  await demo.open();
  await demo.leave({ tenant: 'acme' });
  await demo.provider.signIn(ada);
  await demo.alerts('clock_skew');
  await demo.isSignedOut();
});

test('an answer without an ID token lets nobody in', async ({ control, demo, witness }) => {
  control.patchSettings({ omitIdToken: true });
  await demo.open();
  await demo.leave({ tenant: 'acme' });
  await demo.provider.signIn(ada);
  await demo.alerts('id_token_malformed');
  await demo.isSignedOut();
  await eventually('the revocation', () => witness.requests('revoke').some(({ form }) => form.token === witness.lastRefreshToken()));
});

test('after a lie the truth still gets in', async ({ control, demo }) => {
  control.addFault({ endpoint: 'token', idToken: { signature: 'broken' } });
  await demo.open();
  await demo.leave({ tenant: 'acme' });
  await demo.provider.signIn(ada);
  await demo.alerts('id_token_signature');
  // The provider's session lives, so it asks for nothing.
  await demo.leave({ tenant: 'acme' });
  await demo.isSignedIn(ada);
  assert.equal(await demo.page.getByRole('alert').count(), 0);
});

test('keys that change between two logins are fetched anew', async ({ control, demo, page, witness }) => {
  await demo.open();
  await demo.logIn(ada);
  const before = witness.requests('jwks').length;
  await control.rotateKeys({ dropOld: true });
  await demo.renew(1);
  assert.equal(witness.requests('jwks').length, before + 1);
  await page.reload();
  await demo.isSignedIn(ada);
});

test('user info about somebody else is not shown', async ({ control, demo }) => {
  control.addFault({ endpoint: 'userinfo', userInfo: { set: { sub: 'somebody-else', name: 'Somebody Else', email: 'else@acme.example' } } });
  await demo.open();
  await demo.leave({ tenant: 'acme' });
  await demo.provider.signIn(ada);
  await demo.alerts('user_info_subject');
  assert.ok(!(await demo.page.innerText('body')).includes('else@acme.example'));
});
