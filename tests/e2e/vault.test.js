// The three locations of the vault, from the npm package.
import assert from 'node:assert/strict';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';

const { test } = stage({ app: 'pkg' });

for (const vault of ['shared', 'worker', 'page']) {
  test(`a whole session, vault location: ${vault}`, async ({ app, page, provider, site, providerLog }) => {
    site.config.vault = vault;
    await app.open();
    assert.equal((await app.is('signed-out')).vault, vault);
    const state = await app.logIn(ada);
    assert.equal(state.vault, vault);
    assert.equal(state.tenantName, 'acme');
    assert.deepEqual(await app.callApi(3), [200, 200, 200]);
    const userInfo = await page.evaluate(() => window.auth.userInfo());
    assert.equal(userInfo.email, ada.email);
    assert.equal(await app.call('renew'), 'done');
    await app.hasRenewed(1);
    assert.equal(await app.call('accessToken'), 'access_token_not_exposed');
    assert.equal(providerLog.tokenRequests().length, 2);
    assert.equal(await page.evaluate(() => window.auth.fetch('/elsewhere').then(() => 'sent', ({ code }) => code)), 'address_not_listed');
    await app.call('logout');
    await app.isSignedOut();
    assert.ok(provider);
  });
}
