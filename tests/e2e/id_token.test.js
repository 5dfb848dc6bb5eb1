// What precedes and follows an invalid ID token, as the demo shows it. The attacks themselves are in `vectors.test.js`.
import assert from 'node:assert/strict';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';

const { test } = stage();

test("a device whose clock is an hour slow signs in by the time of the app's own host", async ({ control, demo, site }) => {
  control.patchSettings({ clockShiftSeconds: 3600 });
  site.clockShift = 3600;
  await demo.open();
  await demo.logIn(ada);
  await demo.renew(1);
});

test('a device whose clock cannot be checked gets a message about it', async ({ control, demo, site }) => {
  control.patchSettings({ clockShiftSeconds: 3600 });
  site.clockShift = null;
  await demo.open();
  await demo.leave({ tenant: 'acme' });
  await demo.provider.signIn(ada);
  await demo.alerts('clock_skew');
  await demo.isSignedOut();
});

test('after an invalid ID token a valid one is still accepted', async ({ control, demo }) => {
  control.addFault({ endpoint: 'token', idToken: { signature: 'broken' } });
  await demo.open();
  await demo.leave({ tenant: 'acme' });
  await demo.provider.signIn(ada);
  await demo.alerts('id_token_signature');
  // The session at the provider is still active, so there is no prompt.
  await demo.leave({ tenant: 'acme' });
  await demo.isSignedIn(ada);
  assert.equal(await demo.page.getByRole('alert').count(), 0);
});

test('keys that change between two logins are fetched again', async ({ control, demo, page, providerLog }) => {
  await demo.open();
  await demo.logIn(ada);
  const before = providerLog.requests('jwks').length;
  await control.rotateKeys({ dropOld: true });
  await demo.renew(1);
  assert.equal(providerLog.requests('jwks').length, before + 1);
  await page.reload();
  await demo.isSignedIn(ada);
});
