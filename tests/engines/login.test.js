// A session from its begin to its end, in every engine.
import assert from 'node:assert/strict';
import { ada } from '../e2e/support/people.js';
import { stage } from './support/harness.js';

const { test } = stage();

test('a session begins with a login, is renewed, and ends with a logout', async ({ app, site, witness }) => {
  await app.open();
  await app.is('signed-out');

  const { tenantName } = await app.logIn(ada);
  assert.equal(tenantName, ada.tenant);
  assert.equal(await app.page.url(), site.url());

  const { status, body } = await app.callApi();
  assert.equal(status, 200);
  assert.ok(body.sub);

  await app.renew();
  assert.equal((await app.state()).renewals, 1);
  assert.equal(witness.tokenRequests('refresh_token').length, 1);
  assert.equal((await app.callApi()).status, 200);

  await app.logOut();
  assert.equal(witness.requests('logout').length, 1);
});
