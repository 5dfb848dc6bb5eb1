// What every app has to be able to do, with any bundler.
import assert from 'node:assert/strict';
import { ada } from '../../e2e/support/people.js';

/**
 * Logs in from the protected page, and comes back to it. The app asks for the tenant there, or its guard goes to the provider's page, which
 * asks for it too.
 */
export async function logIn({ app }) {
  await app.page.goto(app.site.url('account'), { waitUntil: 'commit' });
  const goOn = app['Log in'].or(app.provider.continueButton);
  await goOn.waitFor();
  await app.tenantName.fill(ada.tenant);
  await goOn.click({ noWaitAfter: true });
  await app.provider.signIn(ada);
  await app.says(/^Signed in to acme$/);
  await app.isAt('/account');
}

/** Logs in, calls the API, reloads, logs out. The app is one of the examples, which have the same labels. */
export async function wholeSession(world) {
  const { app, control, page, watched, providerLog } = world;
  await logIn(world);
  await page.getByText('The tokens are in a worker that all tabs share.').waitFor();
  await app.userInfo.getByText(ada.email).waitFor();
  assert.equal(providerLog.tokenRequests().length, 1);

  assert.match(await app.callApi(), /"sub": /);
  assert.equal(providerLog.requests('api').length, 1);

  await page.getByRole('link', { name: 'Home', exact: true }).click();
  await app.isAt('/');
  const before = control.log().length;
  await page.reload();
  await app.says(/^Signed in to acme$/);
  assert.deepEqual(control.log().slice(before), [], 'The reload asked the provider.');

  await app['Log out'].click();
  // The provider names the tenant it has logged out of.
  await app.isAt('/?tenant_name=acme&tenant_domain=acme');
  await app.says(/^Signed out$/);
  assert.equal(providerLog.requests('revoke').length, 1);
  assert.equal(providerLog.requests('logout').length, 1);
  assert.deepEqual(watched.said.filter((line) => providerLog.secrets().some((secret) => line.includes(secret))), []);
}

/** Other sign-ins: one that fails, and one that Wristband has the app start. */
export async function otherSignIns(world) {
  const { app, providerLog } = world;
  await app.open('callback?error=access_denied&state=forged');
  await app.says(/^The sign-in failed$/);
  await app.alerts('state_unknown');
  assert.equal(providerLog.tokenRequests().length, 0);

  await app.page.goto(app.site.url('account'), { waitUntil: 'commit' });
  await app['Log in'].or(app.provider.continueButton).waitFor();
  // An app with a guard is at the provider already. Otherwise it has a text box of the same name.
  if (await app['Log in'].isVisible()) await app['Log in'].click({ noWaitAfter: true });
  await app.provider.continueButton.waitFor();
  await app.provider.tenantName.fill(ada.tenant);
  await app.provider.continueButton.click();
  await app.provider.signIn(ada);
  await app.says(/^Signed in to acme$/);
  // The return URL came back from the page that found the tenant.
  await app.isAt('/account');
  await app.userInfo.getByText(ada.email).waitFor();
}
