// A session while it lasts: renewal on demand and ahead of expiry, failures on the way, API calls.
import assert from 'node:assert/strict';
import { eventually } from './support/eventually.js';
import { hold, isTokenRequest, stage } from './support/harness.js';
import { ada } from './support/people.js';

const { test } = stage();
const refused = (status) => new RegExp(`Failed to load resource.*\\b${status}\\b`);
const cutOff = /Failed to load resource: net::ERR_/;

test('"Renew now" replaces all tokens, and the API answers before and after', async ({ control, demo, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  assert.match(await demo.callApi(), /ada@acme\.example/);
  await demo.renew(1);
  assert.match(await demo.callApi(), /ada@acme\.example/);
  await demo.renew(2);

  const { accessTokens, refreshTokens } = control.issued();
  assert.equal(new Set(accessTokens).size, 3);
  assert.equal(new Set(refreshTokens).size, 3);
  const used = providerLog.tokenRequests('refresh_token').map(({ form }) => form.refresh_token);
  assert.deepEqual(used, refreshTokens.slice(0, 2));
  assert.deepEqual(providerLog.requests('api').map(({ status, authorization }) => [status, authorization]), [[200, true], [200, true]]);
  assert.equal((await providerLog.tryRefreshToken(refreshTokens[0])).error, 'invalid_grant');
});

test('without rotation the same refresh token is used again', async ({ control, demo, providerLog }) => {
  control.patchSettings({ rotateRefreshTokens: false });
  await demo.open();
  await demo.logIn(ada);
  await demo.renew(1);
  await demo.renew(2);
  const used = providerLog.tokenRequests('refresh_token').map(({ form, status }) => [form.refresh_token, status]);
  assert.deepEqual(used, Array(2).fill([control.issued().refreshTokens[0], 200]));
});

test('the countdown runs', async ({ demo }) => {
  await demo.open();
  await demo.logIn(ada);
  const left = async () => {
    const [, minutes, seconds] = (await demo.session.innerText()).match(/Renews in (\d\d):(\d\d)/);
    return Number(minutes) * 60 + Number(seconds);
  };
  const first = await eventually('a countdown', left);
  // Half an hour, minus the minute of the renewal margin.
  assert.ok(first <= 1740 && first > 1680, `${first} seconds`);
  await eventually('a smaller number', async () => await left() < first);
});

test('the tokens are renewed automatically, before they expire', async ({ control, demo, providerLog }) => {
  control.patchSettings({ accessTokenTtl: 12 });
  await demo.open();
  await demo.logIn(ada);
  const [renewal] = await eventually('a renewal', () => {
    const found = providerLog.tokenRequests('refresh_token');
    return found.length > 0 && found;
  });
  const lived = new Date(renewal.time) - new Date(providerLog.tokenRequests('authorization_code')[0].time);
  assert.ok(lived >= 7500 && lived < 12_000, `renewed after ${lived} ms`);
  await demo.hasRenewed(1);
  assert.match(await demo.callApi(), /ada@acme\.example/);
  assert.deepEqual(providerLog.requests('api').map(({ status }) => status), [200]);
});

test('a renewal that the provider cannot serve is reported, and ends no session', { announced: [refused(503)] }, async ({ control, demo, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  control.addFault({ endpoint: 'token', grant: 'refresh_token', status: 503 });
  await demo['Renew now'].click();
  await demo.alerts('provider_unavailable');
  await demo.isSignedIn(ada);
  await demo.session.getByText('provider_unavailable').waitFor();
  assert.match(await demo.callApi(), /ada@acme\.example/);

  await demo.renew(1);
  assert.equal(await demo.page.getByRole('alert').count(), 0);
  assert.equal(await demo.session.getByText('provider_unavailable').count(), 0);
  assert.deepEqual(providerLog.tokenRequests('refresh_token').map(({ status }) => status), [503, 200]);
});

test('a renewal without a response is reported, and ends no session', { announced: [cutOff] }, async ({ control, demo }) => {
  await demo.open();
  await demo.logIn(ada);
  control.addFault({ endpoint: 'token', grant: 'refresh_token', drop: 'before' });
  await demo['Renew now'].click();
  await demo.alerts('network');
  await demo.isSignedIn(ada);
  await demo.renew(1);
});

test('after a lost renewal response the session is restored by one redirect', { announced: [cutOff, refused(400)] }, async ({ control, demo, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  control.addFault({ endpoint: 'token', grant: 'refresh_token', drop: 'after' });
  await demo['Renew now'].click();
  await demo.alerts('network');
  await demo.isSignedIn(ada);
  // The refresh token is used up, and the new one was lost.
  await demo['Renew now'].click();
  await eventually('the redirect', () => providerLog.authorizeRequests().length === 2);
  await demo.isSignedIn(ada);
  await demo.hasRenewed(0);
  assert.deepEqual(providerLog.authorizeRequests().map(({ query }) => query.prompt), [undefined, 'none']);
  assert.deepEqual(providerLog.requests('login').map(({ method }) => method), ['GET', 'POST']);
  await demo.renew(1);
});

test('a refused renewal ends the session, with a message', { announced: [refused(400)] }, async ({ control, demo }) => {
  await demo.open();
  await demo.logIn(ada);
  control.revokeAll();
  await demo['Renew now'].click();
  await demo.alerts('invalid_grant');
  await demo.isSignedOut();
  await demo['Log in'].waitFor();
  assert.equal(await demo.userInfo.count(), 0);
});

test('tokens about another user end the session', async ({ control, demo, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  control.addFault({ endpoint: 'token', grant: 'refresh_token', idToken: { claims: { sub: 'somebody-else' } } });
  await demo['Renew now'].click();
  await demo.alerts('subject_changed');
  await demo.isSignedOut();
  await eventually('the revocation', () => providerLog.requests('revoke').some(({ form }) => form.token === providerLog.lastRefreshToken()));
});

test('one renewal at a time', async ({ demo, page, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  const held = await hold(page, isTokenRequest);
  await demo['Renew now'].click();
  await held.arrived;
  await eventually('a disabled button', () => demo['Renew now'].isDisabled());
  // Pressing it nevertheless does nothing.
  await demo['Renew now'].dispatchEvent('click');
  assert.match(await demo.callApi(), /ada@acme\.example/);
  held.release();
  await demo.hasRenewed(1);
  await eventually('a button that works', () => demo['Renew now'].isEnabled());
  assert.equal(providerLog.tokenRequests('refresh_token').length, 1);
});

test('a 401 from the API causes one renewal and the same call again', { announced: [refused(401)] }, async ({ control, demo, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  control.addFault({ endpoint: 'api', status: 401 });
  assert.match(await demo.callApi(), /ada@acme\.example/);
  assert.deepEqual(providerLog.requests('api').map(({ status, path }) => [status, path]), [[401, '/v1/me'], [200, '/v1/me']]);
  assert.equal(providerLog.tokenRequests('refresh_token').length, 1);
  await demo.hasRenewed(1);
});

test('an API that always answers 401 is called exactly twice', { announced: [refused(401)] }, async ({ control, demo, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  control.addFault({ endpoint: 'api', status: 401, times: 9 });
  await demo['Call API'].click();
  await demo.api.getByText(/^401\b/).waitFor();
  await demo.isSignedIn(ada);
  assert.equal(providerLog.requests('api').length, 2);
  assert.equal(providerLog.tokenRequests('refresh_token').length, 1);
});

test('an API that answers with a redirect does not get the token elsewhere', async ({ control, demo, provider, site, providerLog }) => {
  site.config.apiUrl = `${provider.api}redirect?${new URLSearchParams({ to: `${site.origin}/stolen` })}`;
  await demo.open();
  await demo.logIn(ada);
  await demo['Call API'].click();
  await demo.alerts('api_redirected');
  assert.equal(providerLog.requests('api').length, 1);
  assert.equal(control.issued().accessTokens.length, 1);
});

test('a URL outside the listed APIs gets no token', async ({ demo, provider, site, providerLog }) => {
  site.config.apis = [`${provider.api}invoices/`];
  await demo.open();
  await demo.logIn(ada);
  await demo['Call API'].click();
  await demo.alerts('address_not_listed');
  assert.deepEqual(providerLog.requests('api'), []);
});
