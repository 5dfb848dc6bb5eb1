// What a visitor can try to break, and what the demo says came of it: each time what really did.
import assert from 'node:assert/strict';
import { eventually } from './support/eventually.js';
import { stage } from './support/harness.js';
import { ada, grace, hank } from './support/people.js';

const { test } = stage();

test('a network that goes away ends nothing, and asks for nothing', async ({ demo, witness }) => {
  await demo.open();
  await demo.logIn(ada);
  // Whatever is asked after a login has been asked before the network goes.
  await demo.userInfo.getByText(ada.email).first().waitFor();
  await demo['Go offline'].click();
  await demo.outcome('A network that goes away', /^The session waits/);
  await demo.log.getByText('Offline. The session waits').waitFor();
  const before = witness.control.log().length;
  await demo.isSignedIn(ada);
  assert.equal(witness.control.log().length, before);
  // Who asks is not refused because the browser says that it is offline: it may be wrong, and here it is.
  await demo['Renew now'].click();
  await demo.hasRenewed(1);
  await demo.outcome('A network that goes away', /^Back online, and still signed in/);
  await demo['Go offline'].waitFor();
  await demo.isSignedIn(ada);
});

test('a token that is refused is renewed once', async ({ demo, witness }) => {
  await demo.open();
  await demo.logIn(ada);
  await demo['Expire now'].click();
  await demo.outcome('A token that is refused', /^One renewal: one request to the token endpoint/);
  assert.equal(witness.tokenRequests('refresh_token').length, 1);
  await demo.hasRenewed(1);
  await demo.isSignedIn(ada);
});

test('a renewal that comes to nothing is told as such', { announced: [/Failed to load resource.*503/] }, async ({ control, demo }) => {
  await demo.open();
  await demo.logIn(ada);
  control.addFault({ endpoint: 'token', grant: 'refresh_token', status: 503 });
  await demo['Expire now'].click();
  await demo.outcome('A token that is refused', /provider_unavailable/);
  await demo.isSignedIn(ada);
});

test('a second tab says how it came to its session', async ({ context, demo, witness }) => {
  await demo.open();
  await demo.logIn(ada);
  const opened = context.waitForEvent('page');
  await demo['Open a second tab'].click();
  await opened;
  // In the page a session is each tab's own, and begins with a request.
  await demo.outcome('A second tab', /^The second tab says: signed in, with a session of its own, by one request/);
  assert.equal(witness.tokenRequests('authorization_code').length, 2);
  await demo.isSignedIn(ada);
});

test('a reload is told by what it cost', async ({ demo, witness }) => {
  await demo.open();
  await demo.logIn(ada);
  await demo.Reload.click();
  await demo.outcome('A reload', /^The memory went with the page\..*one request to the token endpoint/);
  await demo.isSignedIn(ada);
  assert.equal(witness.tokenRequests('authorization_code').length, 2);
  await demo.isAt('/');
});

test('a forged callback is refused, and its code sent nowhere', async ({ demo, page, witness }) => {
  await demo.open();
  await demo.logIn(ada);
  await demo['Forge a callback'].click();
  // In the page the tokens go with it. The session is restored as on any other page.
  await eventually('another session', () => witness.tokenRequests().length === 2);
  await demo.isSignedIn(ada);
  assert.ok(witness.tokenRequests().every(({ form }) => !form.code?.includes('forged')));
  assert.equal(await page.getByRole('alert').count(), 0);
});

test('a script finds what is in the page’s own memory, and nothing anywhere else', async ({ demo, page }) => {
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

test('in a vault that tabs share, nothing that can be tried costs the session', async ({ context, demo, page, site, witness }) => {
  site.config.vault = 'shared';
  await demo.open();
  await demo.logIn(ada);
  await demo.drawing.getByText('Vault, in a SharedWorker').waitFor();
  // What the vault asked for before the page could listen is in the log as well.
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
  assert.equal(witness.tokenRequests().length, 1);

  await demo['Expire now'].click();
  await demo.outcome('A token that is refused', /^One renewal: one request to the token endpoint/);
  assert.equal(witness.tokenRequests().length, 2);
  assert.match(await demo.callApi(), /ada@acme\.example/);
  await demo['Read the tokens'].click();
  await demo.outcome('A script that looks for tokens', /^Nothing was found/);
  const rows = await page.getByRole('table', { name: 'Where a script can look' }).getByRole('row').allInnerTexts();
  assert.deepEqual(rows.slice(1).map((row) => row.split('\t').at(-1).trim()), Array(6).fill('0'));
  await demo.isSignedIn(ada);
});

test('a worker of the tab’s own goes with the page, and keeps its tokens from it', async ({ demo, site }) => {
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

test('the drawing says where the tokens are, and whether there are any', async ({ demo }) => {
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

test('every request is in the log, and what it came to', async ({ demo, witness }) => {
  await demo.open();
  await demo.logIn(ada);
  await demo.renew(1);
  await demo.callApi();
  const made = () => witness.control.log().filter(({ method, endpoint }) => method !== 'OPTIONS' && ['token', 'jwks', 'userinfo', 'api'].includes(endpoint));
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

test('another person of the same tenant is another login', async ({ demo }) => {
  await demo.open();
  await demo.logIn(grace);
  await demo.drawing.getByText('Grace Hopper', { exact: true }).waitFor();
});
