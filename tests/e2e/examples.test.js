// The components for Leptos and Yew, in apps with both routers: the same tests for the same labels.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe } from 'node:test';
import { heapStrings, pageMemories } from './support/devtools.js';
import { eventually } from './support/eventually.js';
import { APPS, stage } from './support/harness.js';
import { ada, grace, hank } from './support/people.js';
import { secretsOf, sightings } from './support/secrets.js';

const northwind = { customer: 'Northwind' };
const contoso = { customer: 'Contoso' };

/** The script of the worker that came with the crate. */
function workerOf(app) {
  const [folder] = APPS[app].folders;
  return readdirSync(folder, { recursive: true }).find((file) => /^snippets\/.*\/src\/client\/vault\.js$/.test(file));
}

for (const app of ['leptos', 'yew']) {
  describe(`the example in ${app}`, () => {
    const staged = stage({ app });
    /** A test whose app has the users of the tenant acme, unless it says otherwise. */
    const test = (name, ...rest) => {
      const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
      staged.test(name, options, (given) => {
        // The examples have the URL of their API built in.
        const { apiUrl, ...config } = given.site.config;
        given.site.config = { ...config, defaultTenantName: 'acme' };
        return body(given);
      });
    };

    test('a user logs in, reloads, and logs out', async ({ app: tab, page, providerLog }) => {
      await tab.open();
      await tab.isSignedOut();
      await tab.logIn(ada);
      await tab.isAt('/');
      await page.reload();
      await tab.isSignedIn(ada);
      await tab['Log out'].click();
      await eventually('the logout', () => providerLog.requests('logout').length === 1);
      await tab['Log in'].waitFor();
      await tab.isSignedOut();
      // The provider names the user's tenant.
      await tab.isAt('/?tenant_name=acme&tenant_domain=acme');
    });

    test('a protected page is shown to signed-in users only, and a login returns to exactly its URL', async ({ app: tab, page, providerLog }) => {
      const address = '/invoices/inv-1001?x=1&again=%2F#y';
      await tab.open(address.slice(1));
      await tab.provider.email.waitFor();
      assert.deepEqual(providerLog.requests('api'), []);
      await tab.provider.signIn(ada);
      await tab.showsInvoice('inv-1001', { ...northwind, query: 'x=1&again=%2F', fragment: '#y' });
      await tab.isAt(address);
      await tab.isSignedIn(ada);
      await page.reload();
      await tab.showsInvoice('inv-1001', { ...northwind, query: 'x=1&again=%2F', fragment: '#y' });
      await tab.isAt(address);
    });

    test('a link inside the app is guarded too, and Back leads past the login', async ({ app: tab, page }) => {
      await tab.open();
      await tab.isSignedOut();
      await tab.follow('Invoices');
      await tab.provider.email.waitFor();
      await page.goBack();
      await tab.isSignedOut();
      await tab.isAt('/');
      await tab.follow('Account');
      await tab.provider.signIn(ada);
      await page.getByRole('heading', { name: 'Account', exact: true }).waitFor();
      await tab.isAt('/account');
    });

    test('the router goes on after a login, without another one', async ({ app: tab, page, watched }) => {
      await tab.open('invoices');
      await tab.provider.signIn(ada);
      await page.getByRole('heading', { name: 'Open invoices', exact: true }).waitFor();
      const before = watched.navigations.length;
      await tab.follow('inv-1002');
      await tab.showsInvoice('inv-1002', app === 'leptos' ? { ...contoso, query: 'view=full', fragment: '#due' } : contoso);
      await tab.follow('Home');
      await page.getByText('Welcome.').waitFor();
      await page.goBack();
      await tab.showsInvoice('inv-1002', app === 'leptos' ? { ...contoso, query: 'view=full', fragment: '#due' } : contoso);
      assert.equal(watched.navigations.length, before);
    });

    test('a protected page that is left at once starts no login', async ({ app: tab, page, watched }) => {
      await tab.open();
      await tab.isSignedOut();
      const before = watched.navigations.length;
      await page.evaluate(() => {
        const link = (name) => [...document.querySelectorAll('a')].find((a) => a.textContent === name);
        link('Invoices').click();
        link('Home').click();
      });
      // Both routers show a page a moment later; the form is visible once the second page has been shown.
      await tab.isAt('/');
      await tab['Log in'].waitFor();
      assert.equal(watched.navigations.length, before);
    });

    for (const [user, isOwner] of [[ada, true], [grace, false]]) {
      test(`roles and custom claims decide what ${user.email} is shown`, async ({ app: tab, page }) => {
        await tab.open('account');
        await tab.provider.signIn(user);
        await page.getByText('acme-billing', { exact: true }).waitFor();
        await page.getByText(isOwner ? 'Owner' : 'Viewer', { exact: true }).waitFor();
        assert.equal(await tab['Invite a colleague'].count(), isOwner ? 1 : 0);
      });
    }

    test('an unexpected callback is reported with a message and a link', async ({ app: tab }) => {
      await tab.open('callback?error=access_denied&state=forged');
      assert.match(await tab.alert.innerText(), /^The login was already completed, or was started in another browser/);
      await tab['Try again'].click();
      await tab.provider.signIn(ada);
      await tab.isSignedIn(ada);
      await tab.isAt('/');
    });

    test('a user who opens the callback without a login is redirected to the first page', async ({ app: tab, watched }) => {
      await tab.open('callback');
      await tab['Log in'].waitFor();
      await tab.isAt('/');
      assert.equal(watched.navigations.length, 1);
    });

    test('the callback page shows that a login is being finished', async ({ app: tab, page, site }) => {
      const release = site.hold(workerOf(app));
      await tab.open('callback?error=access_denied&state=forged');
      await page.getByRole('main').getByText('One moment…').nth(1).waitFor();
      assert.equal(await tab.alert.count(), 0);
      release();
      await tab['Try again'].waitFor();
    });

    test('an error response is shown with the provider’s words on the page that the user wanted', async ({ app: tab, control, page }) => {
      control.addFault({ endpoint: 'authorize', redirect: { error: 'access_denied', error_description: 'Not today.' } });
      await tab.open('invoices');
      assert.match(await tab.alert.innerText(), /^The sign-in was declined at the provider/);
      await tab.isAt('/invoices');
      await tab['Try again'].click();
      await tab.provider.signIn(ada);
      await page.getByRole('heading', { name: 'Open invoices', exact: true }).waitFor();
      await tab.isAt('/invoices');
    });

    test('a guard that cannot redirect says why', async ({ app: tab, context, page }) => {
      await tab.open();
      await tab.isSignedOut();
      await context.setOffline(true);
      await page.waitForFunction(() => !navigator.onLine);
      await tab.follow('Invoices');
      assert.match(await tab.alert.innerText(), /^The device is offline\./);
      await context.setOffline(false);
      await page.waitForFunction(() => navigator.onLine);
      await tab['Try again'].click();
      await tab.provider.signIn(ada);
      await page.getByRole('heading', { name: 'Open invoices', exact: true }).waitFor();
    });

    test('the login route starts the login of its URL, also for users who are signed in', async ({ app: tab, page }) => {
      await tab.open(`login?${new URLSearchParams({ tenant_name: 'acme', return_url: '/invoices/inv-1002?x=1#y' })}`);
      await tab.provider.signIn(ada);
      await tab.showsInvoice('inv-1002', { ...contoso, query: 'x=1', fragment: '#y' });
      await tab.isSignedIn(ada);
      await tab.open('login?tenant_name=globex');
      await tab.provider.signIn(hank);
      await tab.isSignedIn(hank);
      await tab.isAt('/');
      await page.getByText('Welcome.').waitFor();
    });

    test('Back does not lead into the login route', async ({ app: tab, page, site }) => {
      await page.goto(site.blank);
      await tab.open('login?tenant_name=acme');
      await tab.provider.email.waitFor();
      await page.goBack();
      assert.equal(page.url(), site.blank);
    });

    test('a login route with an unusable URL says so', async ({ app: tab }) => {
      await tab.open('login?tenant_name=acme&tenant_name=globex');
      assert.match(await tab.alert.innerText(), /^The callback URL is malformed/);
      await tab['Try again'].waitFor();
    });

    test('a tab opened later finds the session, and requests user info again', async ({ app: tab, newApp, watched }) => {
      await tab.open();
      await tab.logIn(ada);
      const before = watched.navigations.length;
      const other = await newApp();
      await other.open('invoices/inv-1001?x=1');
      await other.showsInvoice('inv-1001', { ...northwind, query: 'x=1' });
      await other.isSignedIn(ada);
      assert.equal(watched.navigations.length, before + 1, 'the page itself, and no redirect');
    });

    test('law 1: the page holds no token, neither in its heap nor in the memory of its wasm', async ({ app: tab, control, page, providerLog }) => {
      await tab.open('invoices');
      await tab.provider.signIn(ada);
      await page.getByRole('heading', { name: 'Open invoices', exact: true }).waitFor();
      await tab.follow('Account');
      await page.getByText('acme-billing', { exact: true }).waitFor();
      assert.ok(providerLog.requests('api').some(({ status }) => status === 200));
      const seen = [await heapStrings(page), await pageMemories(page)];
      assert.deepEqual(sightings(secretsOf(control), seen), []);
      // The search did look at something.
      for (const place of seen) assert.ok(place.some((text) => text.includes('acme-billing')));
    });

    test('a logout reaches the other tab, which waits for the user', async ({ app: tab, newApp, watched, providerLog }) => {
      await tab.open('invoices');
      await tab.provider.signIn(ada);
      await tab.isSignedIn(ada);
      const other = await newApp();
      await other.open('account');
      await other.isSignedIn(ada);
      const toProvider = () => watched.navigations.filter((url) => url.includes('/oauth2/authorize')).length;
      const before = toProvider();
      await tab['Log out'].click();
      await eventually('the logout', () => providerLog.requests('logout').length === 1);
      await other.isSignedOut();
      assert.match(await other.alert.innerText(), /^No user is signed in\./);
      await tab.isAt('/?tenant_name=acme&tenant_domain=acme');
      await tab.isSignedOut();
      assert.equal(toProvider(), before, 'no guard starts another login');
      await other['Log in'].click();
      await other.provider.signIn(ada);
      await other.isSignedIn(ada);
      await other.isAt('/account');
    });
  });
}
