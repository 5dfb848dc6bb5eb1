// What is stored, and what must never be: at every step from the first visit to the logout.
import assert from 'node:assert/strict';
import { eventually } from './support/eventually.js';
import { hold, isTokenRequest, stage } from './support/harness.js';
import { ada } from './support/people.js';
import { historyOf, storageFromSecondTab, storageOf } from './support/storage.js';

const { test } = stage();
const DATABASE = 'wristband-spa-auth/demospaclient0000000000001';
const PENDING = [
  'acrValues', 'automatic', 'createdAt', 'customState', 'dpopJkt', 'finished', 'maxAge', 'nonce', 'owner', 'params', 'recovery', 'restoring', 'returnTo', 'silent',
  'tenantCustomDomain', 'tenantName', 'user', 'verifier',
];
const HINT = ['activeAt', 'attemptedAt', 'attempts', 'loginHint', 'over', 'tenantCustomDomain', 'tenantName', 'user'];

const members = (records) => records.map(({ value }) => Object.keys(value).sort());

/** Pending logins and hints, this many of each, and nothing else. */
function assertStored(storage, { pending, hints }, providerLog) {
  const { databases, ...rest } = storage;
  assert.deepEqual(rest, {
    cached: [], files: [], localStorage: {}, sessionStorage: {}, documentCookie: '', windowName: '', historyState: null, serviceWorkers: [], cookies: [],
  });
  assert.deepEqual(Object.keys(databases), [DATABASE]);
  assert.deepEqual(Object.keys(databases[DATABASE]).sort(), ['hint', 'pending']);
  const { hint: hintRecords, pending: pendingRecords } = databases[DATABASE];
  assert.deepEqual(members(pendingRecords), Array(pending).fill(PENDING));
  assert.deepEqual(members(hintRecords), Array(hints).fill(HINT));
  const text = JSON.stringify(databases);
  for (const secret of providerLog.secrets()) assert.ok(!text.includes(secret), 'A token or a code is stored.');
  // A verifier that the provider has seen is used up, and deleted.
  for (const verifier of providerLog.control.issued().codeVerifiers) assert.ok(!text.includes(verifier), 'A used code verifier is stored.');
}

test('only pending logins and the hint are ever stored', async ({ context, control, demo, page, site, watched, providerLog }) => {
  const here = async (expected) => assertStored(await storageOf(page), expected, providerLog);
  const assertInSecondTab = async (expected) => assertStored(await storageFromSecondTab(context, site), expected, providerLog);

  await demo.open();
  await demo.isSignedOut();
  assert.deepEqual((await storageOf(page)).databases, {}, 'Nothing is stored for an anonymous visitor.');

  // With this response the browser stays on the page that it was about to leave.
  control.addFault({ endpoint: 'authorize', status: 204 });
  await demo.leave({ tenant: 'acme', hint: ada.email });
  await eventually('the departure', () => providerLog.authorizeRequests()[0]?.status === 204);
  await here({ pending: 1, hints: 0 });
  await page.goto(await eventually('the address of it', () => watched.navigations.find((url) => url.includes('/oauth2/authorize?'))));
  await demo.provider.email.waitFor();
  await assertInSecondTab({ pending: 1, hints: 0 });

  const exchange = await hold(page, isTokenRequest);
  await demo.provider.signIn(ada);
  const { code_verifier: verifier } = Object.fromEntries(new URLSearchParams((await exchange.arrived).postData()));
  assert.match(verifier, /^[\w.~-]{43,128}$/);
  const underWay = await storageOf(page);
  assertStored(underWay, { pending: 0, hints: 0 }, providerLog);
  assert.ok(!JSON.stringify(underWay).includes(verifier));
  exchange.release();
  await demo.isSignedIn(ada);
  await eventually('the hint', async () => {
    await here({ pending: 0, hints: 1 });
    return true;
  });

  await demo.renew(1);
  await demo.callApi();
  await here({ pending: 0, hints: 1 });

  await demo['Log out'].click();
  await demo.isBackFrom('acme');
  await demo.isSignedOut();
  assert.equal(providerLog.requests('logout').length, 1);
  await here({ pending: 0, hints: 0 });
  assert.ok(providerLog.secrets().length >= 7, 'The provider handed out two of each token, and a code.');
});

test('the hint names the tenant, and the user by a digest only', async ({ control, demo, page, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  const storage = await storageOf(page);
  assertStored(storage, { pending: 0, hints: 1 }, providerLog);
  const { user, ...rest } = storage.databases[DATABASE].hint[0].value;
  assert.deepEqual(rest, { activeAt: null, attemptedAt: null, attempts: 0, loginHint: null, over: null, tenantCustomDomain: null, tenantName: 'acme' });
  assert.match(user, /^[\w-]{43}$/);
  const { id } = control.users().find(({ email }) => email === ada.email);
  for (const name of ['ada', 'Ada', id]) assert.ok(!JSON.stringify(storage).includes(name), name);
});

test('a pending login that the provider refused is deleted', async ({ control, demo, page, providerLog }) => {
  control.addFault({ endpoint: 'authorize', redirect: { error: 'access_denied' } });
  await demo.open();
  await demo.leave({ tenant: 'acme' });
  await demo.alerts('access_denied');
  assertStored(await storageOf(page), { pending: 0, hints: 0 }, providerLog);
});

test('unfinished logins do not accumulate', async ({ context, demo, site, providerLog }) => {
  for (let visit = 0; visit < 7; visit += 1) {
    await demo.open();
    await demo.leave({ tenant: 'acme' });
    await demo.provider.email.waitFor();
  }
  assertStored(await storageFromSecondTab(context, site), { pending: 5, hints: 0 }, providerLog);
  // The newest is among those that are kept.
  await demo.provider.signIn(ada);
  await demo.isSignedIn(ada);
  await eventually('the hint', async () => {
    assertStored(await storageFromSecondTab(context, site), { pending: 4, hints: 1 }, providerLog);
    return true;
  });
});

test('no token is in the document, the console, the history or the performance timeline', async ({ context, control, demo, page, watched, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  await demo.callApi();
  await demo.renew(1);
  await demo.callApi();
  await page.goto('about:blank');
  await demo.goBack();
  await demo.isSignedIn(ada);
  await demo.callApi();

  const seen = {
    address: page.url(),
    console: watched.said,
    document: await page.evaluate(() => document.documentElement.outerHTML),
    fields: await page.evaluate(() => [...document.querySelectorAll('input, textarea')].map(({ value }) => value)),
    history: await historyOf(page),
    navigations: watched.navigations,
    storage: await storageFromSecondTab(context, demo.site),
    timeline: await page.evaluate(() => performance.getEntries().map(({ name }) => name)),
  };
  assert.ok(seen.timeline.length > 2);
  const { accessTokens, refreshTokens, idTokens } = control.issued();
  assert.ok(accessTokens.length >= 2 && refreshTokens.length >= 2 && idTokens.length >= 2);
  for (const [place, content] of Object.entries(seen)) {
    const text = JSON.stringify(content);
    for (const token of [...accessTokens, ...refreshTokens, ...idTokens]) {
      assert.ok(!text.includes(token), `A token is in the ${place}.`);
      // A part of a token is too much as well; the claims of an ID token may be shown, its signature may not.
      const signature = token.split('.').at(-1);
      assert.ok(!text.includes(signature.slice(0, 40)), `A part of a token is in the ${place}.`);
    }
  }
  const own = [seen.address, ...seen.history].filter((url) => url.startsWith(demo.site.origin)).join('\n');
  for (const code of control.issued().codes) assert.ok(!own.includes(code), 'A code is in an address.');
  assert.equal(providerLog.tokenRequests().filter(({ status }) => status !== 200).length, 0);
});
