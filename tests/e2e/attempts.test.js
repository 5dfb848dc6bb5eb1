// What a visitor can try to break in the demo. The outcome that the demo shows is always the real one.
import assert from 'node:assert/strict';
import { eventually } from './support/eventually.js';
import { stage } from './support/harness.js';
import { ada, grace, hank } from './support/people.js';

const { test } = stage();

test('losing the network ends no session, and causes no request', async ({ demo, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  // All requests that follow a login have been made before the network is cut.
  await demo.userInfo.getByText(ada.email).first().waitFor();
  await demo['Go offline'].click();
  await demo.outcome('A network that goes away', /^The session waits/);
  await demo.log.getByText('Offline. The session waits').waitFor();
  const before = providerLog.control.log().length;
  await demo.isSignedIn(ada);
  assert.equal(providerLog.control.log().length, before);
  // An explicit call is not refused because the browser reports offline: the report may be wrong, and here it is.
  await demo['Renew now'].click();
  await demo.hasRenewed(1);
  await demo.outcome('A network that goes away', /^Back online, and still signed in/);
  await demo['Go offline'].waitFor();
  await demo.isSignedIn(ada);
});

test('a refused token is renewed once', async ({ demo, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  await demo['Expire now'].click();
  await demo.outcome('A token that is refused', /^One renewal: one request to the token endpoint/);
  assert.equal(providerLog.tokenRequests('refresh_token').length, 1);
  await demo.hasRenewed(1);
  await demo.isSignedIn(ada);
});

test('a failed renewal is shown as such', { announced: [/Failed to load resource.*503/] }, async ({ control, demo }) => {
  await demo.open();
  await demo.logIn(ada);
  control.addFault({ endpoint: 'token', grant: 'refresh_token', status: 503 });
  await demo['Expire now'].click();
  await demo.outcome('A token that is refused', /provider_unavailable/);
  await demo.isSignedIn(ada);
});

test('a second tab shows how it got its session', async ({ context, demo, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  const opened = context.waitForEvent('page');
  await demo['Open a second tab'].click();
  await opened;
  // With the vault in the page each tab has its own session, which starts with a request.
  await demo.outcome('A second tab', /^The second tab says: signed in, with a session of its own, by one request/);
  assert.equal(providerLog.tokenRequests('authorization_code').length, 2);
  await demo.isSignedIn(ada);
});

test('a reload is shown with its cost', async ({ demo, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  await demo.Reload.click();
  await demo.outcome('A reload', /^The memory went with the page\..*one request to the token endpoint/);
  await demo.isSignedIn(ada);
  assert.equal(providerLog.tokenRequests('authorization_code').length, 2);
  await demo.isAt('/');
});

test('a forged callback is refused, and its code is not sent', async ({ demo, page, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  await demo['Forge a callback'].click();
  // With the vault in the page the tokens go with it. The session is restored as on any other page.
  await eventually('another session', () => providerLog.tokenRequests().length === 2);
  await demo.isSignedIn(ada);
  assert.ok(providerLog.tokenRequests().every(({ form }) => !form.code?.includes('forged')));
  assert.equal(await page.getByRole('alert').count(), 0);
});

test('a script finds what is in the page’s own memory, and nothing elsewhere', async ({ demo, page }) => {
  await demo.open();
  await demo.logIn(ada);
  await demo['Read the tokens'].click();
  await demo.outcome('A script that looks for tokens', /in the shape of a token/);
  const rows = await page.getByRole('table', { name: 'Where a script can look' }).getByRole('row').allInnerTexts();
  const [, ...tokens] = rows.map((row) => row.split('\t').at(-1).trim());
  assert.deepEqual(tokens.slice(0, -1), ['0', '0', '0', '0', '0']);
  assert.ok(Number(tokens.at(-1)) > 0);
});

test('a script finds what is planted', async ({ context, demo, page }) => {
  await demo.open();
  await demo.logIn(ada);
  const planted = `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.${'c'.repeat(40)}`;
  await context.addCookies([{ name: 'planted', value: planted, url: page.url() }]);
  await page.evaluate(async (token) => {
    localStorage.setItem('planted', token);
    sessionStorage.setItem('planted', token);
    window.name = token;
    await new Promise((resolve) => {
      const opening = indexedDB.open('planted', 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore('things').put({ token }, 1);
      opening.onsuccess = () => { opening.result.close(); resolve(); };
    });
  }, planted);
  await demo['Read the tokens'].click();
  await demo.outcome('A script that looks for tokens', /in the shape of a token/);
  const rows = await page.getByRole('table', { name: 'Where a script can look' }).getByRole('row').allInnerTexts();
  assert.deepEqual(rows.slice(1, 6).map((row) => row.split('\t').at(-1).trim()), ['1', '1', '1', '1', '1']);
});

test('with a shared vault no attempt ends the session', async ({ context, demo, page, site, providerLog }) => {
  site.config.vault = 'shared';
  await demo.open();
  await demo.logIn(ada);
  await demo.drawing.getByText('Vault, in a SharedWorker').waitFor();
  // What the vault requested before the page could listen is in the log as well.
  await demo.log.getByText('/api/v1/oauth2/token').waitFor();

  await demo.Reload.click();
  await demo.outcome('A reload', /^Still signed in, without a request to the token endpoint/);
  await demo['Forge a callback'].click();
  await demo.outcome('A forged callback', /^Refused \(state_unknown\)/);
  await demo.isSignedIn(ada);
  assert.ok(!page.url().includes('forged'));
  const opened = context.waitForEvent('page');
  await demo['Open a second tab'].click();
  await demo.outcome('A second tab', /^The second tab says: signed in, without a request to the token endpoint/);
  await (await opened).close();
  await demo['Go offline'].click();
  await demo.outcome('A network that goes away', /^The session waits/);
  await demo['Back online'].click();
  await demo.outcome('A network that goes away', /^Back online, and still signed in/);
  assert.equal(providerLog.tokenRequests().length, 1);

  await demo['Expire now'].click();
  await demo.outcome('A token that is refused', /^One renewal: one request to the token endpoint/);
  assert.equal(providerLog.tokenRequests().length, 2);
  assert.match(await demo.callApi(), /ada@acme\.example/);
  await demo['Read the tokens'].click();
  await demo.outcome('A script that looks for tokens', /^Nothing was found/);
  const rows = await page.getByRole('table', { name: 'Where a script can look' }).getByRole('row').allInnerTexts();
  assert.deepEqual(rows.slice(1).map((row) => row.split('\t').at(-1).trim()), Array(6).fill('0'));
  await demo.isSignedIn(ada);
});

test('a dedicated worker ends with the page, and hides its tokens from it', async ({ demo, site }) => {
  site.config.vault = 'worker';
  await demo.open();
  await demo.logIn(ada);
  await demo.drawing.getByText('Vault, in a Worker').waitFor();
  await demo['Read the tokens'].click();
  await demo.outcome('A script that looks for tokens', /^Nothing was found/);
  await demo.Reload.click();
  await demo.outcome('A reload', /^The memory went with the page/);
  await demo.isSignedIn(ada);
});

test('the drawing shows where the tokens are, and whether there are any', async ({ demo }) => {
  const there = () => demo.drawing.locator('.token.there').count();
  await demo.open();
  await demo.isSignedOut();
  assert.equal(await there(), 0);
  await demo.logIn(ada);
  assert.equal(await there(), 3);
  await demo.drawing.getByText('In this page’s own memory').waitFor();
  await demo.drawing.getByText('Ada Lovelace', { exact: true }).waitFor();
  await demo['Log out'].click();
  await demo['Log in'].waitFor();
  assert.equal(await there(), 0);
});

test('without a refresh token none is drawn', async ({ control, demo }) => {
  control.patchSettings({ omitRefreshToken: true });
  await demo.open();
  await demo.logIn(ada);
  assert.equal(await demo.drawing.locator('.token.there').count(), 2);
  await demo.session.getByText('Not renewed by itself').waitFor();
});

test('every request is in the log, with its result', async ({ demo, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  await demo.renew(1);
  await demo.callApi();
  const made = () => providerLog.control.log().filter(({ method, endpoint }) => method !== 'OPTIONS' && ['token', 'jwks', 'userinfo', 'api'].includes(endpoint));
  const told = (line) => line.match(/\b(GET|POST) [^/\s]+(\S+)\s+(\d{3}) · \d+ ms/)?.slice(1).join(' ');
  await eventually('the lines', async () => {
    const lines = (await demo.log.getByRole('listitem').allInnerTexts()).map(told).filter(Boolean);
    assert.deepEqual(lines.sort(), made().map(({ method, path, status }) => `${method} ${path} ${status}`).sort());
    return true;
  });
});

test('one button leads to another tenant', async ({ demo, page }) => {
  await demo.open();
  await demo.logIn(ada);
  await page.getByRole('button', { name: 'Log in to globex', exact: true }).click();
  await demo.provider.email.waitFor();
  assert.equal(await demo.provider.email.inputValue(), hank.email);
  await demo.provider.signIn(hank);
  await demo.isSignedIn(hank);
});

test('another user of the same tenant is another login', async ({ demo }) => {
  await demo.open();
  await demo.logIn(grace);
  await demo.drawing.getByText('Grace Hopper', { exact: true }).waitFor();
});
