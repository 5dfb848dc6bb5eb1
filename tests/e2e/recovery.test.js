// Logins that start again once, and pages where users land with a session at the provider, with the vault in each location.
import assert from 'node:assert/strict';
import { App } from './support/app.js';
import { eventually } from './support/eventually.js';
import { stage } from './support/harness.js';
import { ada, grace, hank } from './support/people.js';

const { test } = stage({ app: 'pkg' });

const refusal = (error) => ({ endpoint: 'authorize', redirect: { code: null, error } });

/** A tab in another browser: nothing is shared with the first one. */
async function elsewhere(context, site, work) {
  const other = await context.browser().newContext();
  try {
    return await work(new App(await other.newPage(), site));
  } finally {
    await other.close();
  }
}

/** Asks for a magic link at the login page, and returns its URL. */
async function magicLink(app) {
  await app.leave();
  await app.provider.email.fill(ada.email);
  await app.page.getByRole('button', { name: 'Email me a sign-in link' }).click();
  return app.page.getByRole('link', { name: 'Sign in' }).evaluate(({ href }) => href);
}

for (const vault of ['shared', 'page']) {
  test(`a magic link opened in another browser ends signed in there: ${vault}`, async ({ app, context, providerLog, site }) => {
    site.config.vault = vault;
    await app.open();
    const link = await magicLink(app);
    await elsewhere(context, site, async (other) => {
      await other.page.goto(link);
      // The session that the link left at the provider is not used silently: it could be an attacker's.
      await other.provider.email.waitFor();
      assert.match(other.page.url(), /^http:\/\/acme-invotastic\.localhost:\d+\/login\?req=/);
      assert.equal(providerLog.authorizeRequests().at(-1).query.prompt, 'login');
      assert.deepEqual(providerLog.tokenRequests(), [], 'the code of the other browser is not used');
      await other.provider.signIn(ada);
      await other.isSignedIn(ada);
      assert.deepEqual(await other.callApi(), [200]);
      assert.equal(await other.page.evaluate(() => window.location.search), '');
    });
  });

  test(`login_required shows the login page once: ${vault}`, async ({ app, control, providerLog, site }) => {
    site.config.vault = vault;
    control.addFault({ ...refusal('login_required'), times: 2 });
    await app.open();
    await app.leave();
    assert.equal(await app.failure(), 'login_required');
    assert.equal(providerLog.authorizeRequests().length, 2);
    await app.logIn(ada);
  });

  test(`a refused code starts the login again, without a prompt, once: ${vault}`, { announced: [/status of 400/] }, async ({ app, control, providerLog, site }) => {
    site.config.vault = vault;
    const refused = { endpoint: 'token', status: 400, body: { error: 'invalid_grant' } };
    control.addFault(refused);
    await app.open('?from=here');
    await app.leave();
    await app.provider.signIn(ada);
    await app.isSignedIn(ada);
    assert.equal(app.page.url(), site.url('?from=here'));
    assert.equal(providerLog.authorizeRequests().length, 2);
    await app.logOut();
    control.addFault(refused);
    await app.leave();
    await app.provider.signIn(ada);
    assert.equal(await app.failure(), 'invalid_grant', 'not twice within ten minutes');
  });

  for (const kind of ['invitation', 'password-reset']) {
    test(`the link of an email (${kind}) ends at a page of the app, which signs the user in without a click: ${vault}`, async ({ app, control, page, site }) => {
      site.config.vault = vault;
      await page.goto(await control.landing({ kind, email: ada.email, to: site.url('?welcome') }));
      await app.isSignedOut();
      await page.evaluate(() => { window.auth.login({ tenantName: 'acme', silent: true }); });
      await app.isSignedIn(ada);
      assert.equal(page.url(), site.url('?welcome'));
    });
  }

  test(`a tenant that has just signed up is signed in at the page where the sign-up ends: ${vault}`, async ({ app, control, page, site }) => {
    site.config.vault = vault;
    control.patchSettings({ signUpUrl: site.url('?welcome') });
    await page.goto(`http://${site.config.applicationVanityDomain}/signup`);
    await page.getByLabel('Tenant name').fill('hooli');
    await page.getByLabel('Email').fill('gavin@hooli.example');
    await page.getByLabel('Password').fill('signature box');
    await page.getByRole('button', { name: 'Sign up' }).click();
    await app.isSignedOut();
    await page.evaluate(() => { window.auth.login({ tenantName: 'hooli', silent: true }); });
    assert.equal((await app.is('signed-in')).tenantName, 'hooli');
    assert.equal(page.url(), site.url('?welcome'));
  });

  test(`a silent login without a session comes back signed out, and is not repeated: ${vault}`, async ({ context, providerLog, site }) => {
    site.config.vault = vault;
    const before = providerLog.authorizeRequests().length;
    await elsewhere(context, site, async (other) => {
      await other.open('?welcome');
      await other.isSignedOut();
      await other.page.evaluate(() => { window.auth.login({ tenantName: 'acme', silent: true }); });
      await eventually('the answer', () => providerLog.authorizeRequests().length === before + 1);
      await other.page.waitForURL(site.url('?welcome'));
      assert.equal(await other.isSignedOut(), 'never-signed-in');
      assert.equal(await other.call('login', { tenantName: 'acme', silent: true }), 'done');
      assert.equal(providerLog.authorizeRequests().length, before + 1, 'the provider is not asked again');
    });
  });

  test(`a session is restored for its own user only: ${vault}`, async ({ app, context, newApp, page, site }) => {
    site.config.vault = vault;
    site.config.linger = 0;
    await app.open();
    await app.logIn(ada);
    // A link has left another user's session at the provider.
    const cookies = await elsewhere(context, site, async (other) => {
      await other.open();
      await other.logIn(grace);
      return other.page.context().cookies();
    });
    await page.close();
    await context.clearCookies();
    await context.addCookies(cookies);
    const later = await newApp();
    await later.open();
    assert.equal(await later.isSignedOut(), 'expired');
  });

  test(`a user may sign in to another tenant than the app asked for: ${vault}`, async ({ app, control, page, site }) => {
    site.config.vault = vault;
    control.patchSettings({ mfa: true, tenantChange: true });
    await app.open();
    await app.leave({ tenantName: ada.tenant });
    await page.getByRole('link', { name: 'Sign in to another organisation' }).click();
    await page.getByLabel('Tenant name').fill(hank.tenant);
    await page.getByRole('button', { name: 'Continue' }).click();
    await app.provider.signIn(hank);
    await page.getByLabel('Code').fill('000000');
    await page.getByRole('button', { name: 'Continue' }).click();
    await app.isSignedIn(hank);
    assert.equal((await app.is('signed-in')).tenantName, hank.tenant);
    await app.page.reload();
    await app.isSignedIn(hank);
  });

  test(`a login brings back the app's own value: ${vault}`, async ({ app, page, site }) => {
    site.config.vault = vault;
    await app.open();
    await app.leave({ tenantName: 'acme', customState: { cart: [7, 'eight'], from: null } });
    await app.provider.signIn(ada);
    assert.deepEqual((await app.isSignedIn(ada)).customState, { cart: [7, 'eight'], from: null });
    await app.logOut();
    assert.equal(await app.call('login', { customState: 'x'.repeat(1100) }), 'config_invalid');
    await page.evaluate(() => window.auth.login({ tenantName: 'acme' }).catch(() => {}));
  });
}
