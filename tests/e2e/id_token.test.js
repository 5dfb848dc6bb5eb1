// What comes before and after an ID token that lies, as the demo shows it. The lies themselves are in `lies.test.js`.
import assert from 'node:assert/strict';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';

const { test } = stage();

test("a device whose clock is an hour slow gets in by the time of the app's own host", async ({ control, demo, site }) => {
  control.patchSettings({ clockShiftSeconds: 3600 });
  site.clockShift = 3600;
  await demo.open();
  await demo.logIn(ada);
  await demo.renew(1);
});

test('a device whose clock nobody can check is told so', async ({ control, demo, site }) => {
  control.patchSettings({ clockShiftSeconds: 3600 });
  site.clockShift = null;
  await demo.open();
  await demo.leave({ tenant: 'acme' });
  await demo.provider.signIn(ada);
  await demo.alerts('clock_skew');
  await demo.isSignedOut();
});

test('after a lie the truth still gets in', async ({ control, demo }) => {
  control.addFault({ endpoint: 'token', idToken: { signature: 'broken' } });
  await demo.open();
  await demo.leave({ tenant: 'acme' });
  await demo.provider.signIn(ada);
  await demo.alerts('id_token_signature');
  // The provider's session lives, so it asks for nothing.
  await demo.leave({ tenant: 'acme' });
  await demo.isSignedIn(ada);
  assert.equal(await demo.page.getByRole('alert').count(), 0);
});

test('keys that change between two logins are fetched anew', async ({ control, demo, page, witness }) => {
  await demo.open();
  await demo.logIn(ada);
  const before = witness.requests('jwks').length;
  await control.rotateKeys({ dropOld: true });
  await demo.renew(1);
  assert.equal(witness.requests('jwks').length, before + 1);
  await page.reload();
  await demo.isSignedIn(ada);
});
