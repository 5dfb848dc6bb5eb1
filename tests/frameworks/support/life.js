// What an app in any framework has to be able to do. The examples have the same labels.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../e2e/support/eventually.js';
import { Demo } from '../../e2e/support/demo.js';
import { ada } from '../../e2e/support/people.js';
import { visit } from '../../packaging/support/stage.js';

/** A page of the app that only people who are signed in may see, with everything that a router could lose: `%2F` it may write as `/`. */
export const DEEP = '/account?tab=api&again=%26#keys';

/** The user's tenant, so that a guard needs nothing from the user. */
export const TENANT = { defaultTenantName: ada.tenant };

/** The URLs in the history of the tab. */
async function historyOf(page) {
  const browser = await page.context().newCDPSession(page);
  const { entries } = await browser.send('Page.getNavigationHistory');
  await browser.detach();
  return entries.map(({ url }) => url);
}

/** Goes back to the page of the app before this one, as a user does who holds the button down: between the two is the provider's page. */
async function goBackInApp({ app, page, site }) {
  const browser = await page.context().newCDPSession(page);
  const { currentIndex, entries } = await browser.send('Page.getNavigationHistory');
  const { id } = entries.slice(0, currentIndex).findLast(({ url }) => url.startsWith(site.origin));
  await browser.send('Page.navigateToHistoryEntry', { entryId: id });
  await app.isAt(new URL(entries.find((entry) => entry.id === id).url).pathname);
  await browser.detach();
}

/** No URL in the address bar or the history has a code. */
export async function isClean(page, site) {
  const urls = (await historyOf(page)).filter((url) => url.startsWith(site.origin));
  assert.deepEqual(urls.filter((url) => /[?&](code|state)=/.test(url)), []);
}

/** The guard of the deep link sends the user to the provider, who comes back to it. */
async function signInFromDeepLink({ app, page, site }) {
  await page.goto(site.url(DEEP.slice(1)), { waitUntil: 'commit' }).catch(() => {});
  await app.provider.signIn(ada);
  await app.says(/^Signed in to acme$/);
  await app.userInfo.getByText(ada.email).waitFor();
  await app.isAt(DEEP);
  await isClean(page, site);
}

const LIVES = {
  'a login from a deep link comes back to it, calls the API, and survives a reload': async (world) => {
    const { app, control, page, providerLog, site } = world;
    await signInFromDeepLink(world);
    assert.equal(providerLog.tokenRequests().length, 1);
    assert.match(await app.callApi(), /"sub": /);
    const before = control.log().length;
    await page.reload();
    await app.says(/^Signed in to acme$/);
    await app.userInfo.getByText(ada.email).waitFor();
    await app.isAt(DEEP);
    assert.deepEqual(control.log().slice(before).filter(({ endpoint }) => endpoint === 'token' || endpoint === 'authorize'), []);
    await isClean(page, site);
  },

  'law 4: after the login, Back leads to where it started, and not into the callback or another login': async (world) => {
    const { app, page, providerLog, site } = world;
    await app.open();
    await app.says(/^Signed out$/);
    await page.getByRole('link', { name: 'Account', exact: true }).click({ noWaitAfter: true });
    await app.provider.signIn(ada);
    await app.says(/^Signed in to acme$/);
    await app.isAt('/account');
    await isClean(page, site);
    const own = (await historyOf(page)).filter((url) => url.startsWith(site.origin));
    assert.deepEqual(own, [site.url(), site.url('account')]);
    await goBackInApp(world);
    await app.says(/^Signed in to acme$/);
    assert.equal(providerLog.authorizeRequests().length, 1);
  },

  'the router goes on after a login': async (world) => {
    const { app, page, watched } = world;
    await signInFromDeepLink(world);
    const before = watched.navigations.length;
    await page.getByRole('link', { name: 'Home', exact: true }).click();
    await app.isAt('/');
    await page.getByRole('link', { name: 'Account', exact: true }).click();
    await app.userInfo.getByText(ada.email).waitFor();
    await app.isAt('/account');
    assert.equal(watched.navigations.length, before);
  },

  'two tabs: the second finds the session, and a logout reaches both': async (world) => {
    const { app, page, providerLog, site } = world;
    await signInFromDeepLink(world);
    const other = new Demo(await page.context().newPage(), site);
    await other.open();
    await other.says(/^Signed in to acme$/);
    assert.equal(providerLog.authorizeRequests().length, 1);
    await app['Log out'].click();
    await eventually('the logout', () => providerLog.requests('logout').length === 1);
    await other.says(/^Signed out$/);
    await app.says(/^Signed out$/);
  },

  'a logout in another tab closes a protected page, which starts no login by itself': async (world) => {
    const { app, page, providerLog, site } = world;
    await signInFromDeepLink(world);
    const other = new Demo(await page.context().newPage(), site);
    await other.open('account');
    await other.userInfo.getByText(ada.email).waitFor();
    await app['Log out'].click();
    await other['Log in'].waitFor();
    assert.equal(await other.userInfo.count(), 0);
    await other.isAt('/account');
    assert.equal(providerLog.authorizeRequests().length, 1);
    // Until then a login would find the provider's session.
    await app.isBackFrom(ada.tenant);
    await other['Log in'].click({ noWaitAfter: true });
    await other.provider.signIn(ada);
    await other.says(/^Signed in to acme$/);
    await other.isAt('/account');
  },

  'a sign-in that fails is shown on the page that the user wanted, and starts no other one by itself': async (world) => {
    const { app, control, page, providerLog, site } = world;
    control.addFault({ endpoint: 'authorize', redirect: { error: 'access_denied', error_description: 'Not today.' } });
    await page.goto(site.url(DEEP.slice(1)), { waitUntil: 'commit' }).catch(() => {});
    await app.alerts('The sign-in was declined');
    await app.isAt(DEEP);
    await isClean(page, site);
    assert.equal(providerLog.authorizeRequests().length, 1);
    await page.getByRole('button', { name: 'Try again', exact: true }).click({ noWaitAfter: true });
    await app.provider.signIn(ada);
    await app.says(/^Signed in to acme$/);
    await app.isAt(DEEP);
  },
};

/** Registers the tests. `start`, `policy` and `announced` are those of `visit`; `as` tells apps apart. */
export function livesThrough({ start, policy, announced, as = '' }) {
  for (const [name, life] of Object.entries(LIVES)) {
    test(as ? `${name} (${as})` : name, () => visit({ start, settings: TENANT, policy, announced }, life));
  }
}
