// The example for Tauri, on a virtual screen: its users sign in with their browser, and its web view has no tokens.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { afterEach, test } from 'node:test';
import { eventually } from '../e2e/support/eventually.js';
import { countOf, search, secretsOf } from '../e2e/support/secrets.js';
import { startDesktop, whyNoBus } from './support/desktop.js';
import { hostile } from './support/hostile.js';

const TIMEOUT = 180_000;
const PASSWORD = 'lovelace';

let desktop;

afterEach(() => desktop?.close());

/** Begins a login in the app, and enters the password in the browser. Returns its tab. */
async function enterPassword(app) {
  await app.fill('input', 'acme');
  await app.clickButton('Log in');
  const tab = await desktop.tab();
  await tab.fill("document.querySelector('#email')", 'ada@acme.example');
  await tab.fill("document.querySelector('#password')", PASSWORD);
  await tab.click("document.querySelector('button')");
  return tab;
}

async function signIn(app) {
  const tab = await enterPassword(app);
  await eventually('the last page in the browser', async () => (await tab.evaluate('document.body.innerText')).includes('You are signed in'));
  await tab.close();
}

/** Fails if a token, a code or a verifier is in one of these places. The page never gets to know what is searched for. */
function assertNoSecret(places) {
  const secrets = secretsOf(desktop.provider.control, ['accessTokens', 'refreshTokens', 'idTokens', 'codes', 'codeVerifiers', 'states', 'nonces']);
  assert.deepEqual(search(places, secrets), {});
  return countOf(secrets);
}

const requests = (endpoint) => desktop.provider.control.log().filter((entry) => entry.endpoint === endpoint);

test('a user signs in, calls the API, restarts the app and logs out, and the web view has no token', { timeout: TIMEOUT }, async (context) => {
  desktop = await startDesktop();
  const { control } = desktop.provider;
  let app = await desktop.startApp();
  await app.showsText('Signed out');
  await signIn(app);
  await app.showsText('Ada Lovelace');
  await app.showsText('ada@acme.example');
  await app.clickButton('Call the API');
  await app.showsText('Northwind');
  assert.equal(requests('api').at(-1).user, 'ada@acme.example');
  if (process.env.SCREENSHOT) await writeFile(process.env.SCREENSHOT, Buffer.from(await app.screenshot(), 'base64'));

  // A second pair of tokens: the API refuses the first one.
  control.expireAccessTokens();
  await app.clickButton('Call the API');
  await eventually('a renewal', () => control.issued().accessTokens.length === 2);
  await eventually('the response to the renewed token', () => requests('api').at(-1).status === 200);
  assert.ok(assertNoSecret(await app.visible()) >= 7);
  await app.close();

  app = await desktop.startApp();
  await app.showsText('Signed in to acme');
  await app.showsText('Ada Lovelace');
  assert.equal((await desktop.opened()).length, 1, 'The restart opened the browser.');
  assert.doesNotMatch(await app.text(), /until the app ends/);
  assertNoSecret(await app.visible());

  await app.clickButton('Log out');
  await app.showsText('Signed out');
  await (await desktop.tab()).close();
  assert.equal(requests('logout').length, 1);
  await eventually('the revocation', () => requests('revoke').length > 0);
  const count = assertNoSecret({ ...await app.visible(), files: await desktop.files() });
  context.diagnostic(`${count} secrets were searched for.`);
  await app.close();

  app = await desktop.startApp();
  await app.showsText('Signed out');
  await app.close();
});

test('a hostile script in the web view gets no token, and sends no request to another server', { timeout: TIMEOUT }, async (context) => {
  desktop = await startDesktop();
  const app = await desktop.startApp();
  await app.showsText('Signed out');
  await signIn(app);
  await app.showsText('Ada Lovelace');
  await hostile(app, { desktop, context });
  assertNoSecret({ ...await app.visible(), files: await desktop.files() });
  // The keyring outlives the test.
  await app.invoke('logout');
  await app.close();
});

test('a login comes back by a deep link, which the web view does not see', { timeout: TIMEOUT, skip: whyNoBus() }, async () => {
  const redirectUri = 'com.example.invoices:/callback';
  desktop = await startDesktop({ redirectUri, withBus: true });
  const app = await desktop.startApp();
  await app.showsText('Signed out');
  // Any page can open such a URL, at any time.
  await desktop.openDeepLink(`${redirectUri}?code=c&state=s`);
  await app.showsText('Signed out');
  const tab = await enterPassword(app);
  const callback = await eventually('the deep link', () => tab.redirects.find((url) => url.startsWith(redirectUri)));
  await desktop.openDeepLink(`${redirectUri}?error=access_denied&state=s`);
  await app.showsText('Your browser shows the login page.');
  await desktop.openDeepLink(callback);
  await app.showsText('Ada Lovelace');
  assertNoSecret({ ...await app.visible(), files: await desktop.files() });
  // The keyring outlives the test.
  await app.invoke('logout');
  await app.close();
});
