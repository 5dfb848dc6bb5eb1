// The tenants and the users that a program gives.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createDirectory } from '../src/directory.js';
import { startProvider } from '../src/provider.js';
import { actions, authorizationRequest, Browser } from './browser.js';

const eve = { email: 'eve@evil.example', password: 'apple', tenant: 'evil', givenName: 'Eve', roles: ['admin'], claims: { locale: 'fr-FR' }, customClaims: { plan: 'paid' } };

describe('a directory', () => {
  it('has the tenants that its users name', () => {
    const { tenants, findUserByEmail } = createDirectory({ users: [eve] });
    assert.deepEqual(tenants.map(({ name, displayName }) => [name, displayName]), [['evil', 'Evil']]);
    const { claims } = findUserByEmail('Eve@evil.example');
    assert.deepEqual([claims.name, claims.locale, claims.custom_claims], ['Eve User', 'fr-FR', { plan: 'paid' }]);
    assert.deepEqual(claims.roles.map(({ name, displayName }) => [name, displayName]), [['app:invotastic:admin', 'Admin']]);
  });

  it('is refused, with the reason, if it cannot be meant', () => {
    const cases = [
      [{ users: [] }, /at least one user/],
      [{ tenants: [] }, /"users" must be a list/],
      [{ users: [{ ...eve, tenant: 'Evil Corp' }] }, /A tenant has no name of small letters/],
      [{ users: [{ ...eve, tenant: 'other' }], tenants: [{ name: 'evil' }] }, /eve@evil.example is of no tenant/],
      [{ users: [{ ...eve, email: 'Eve@evil.example' }] }, /no email address in small letters/],
      [{ users: [{ ...eve, password: undefined }] }, /eve@evil.example has no password/],
      [{ users: [eve, eve] }, /Two users have the email address/],
    ];
    for (const [directory, problem] of cases) assert.throws(() => createDirectory(directory), problem);
  });

  it('belongs to its provider: another one in the same program has its own', async () => {
    const [provider, other] = await Promise.all([startProvider({ directory: { users: [eve] }, clientId: 'mine' }), startProvider()]);
    try {
      const act = actions(provider);
      const { params } = authorizationRequest(provider);
      assert.equal(params.client_id, 'mine');
      const browser = new Browser();
      const page = await browser.visit(act.authorizeUrl('evil', params));
      const { location } = await browser.submit(page, { email: eve.email, password: eve.password });
      assert.ok(location.searchParams.get('code'));
      assert.deepEqual(provider.control.users().map(({ email }) => email), [eve.email]);
      assert.equal(other.control.users().length, 4);
      assert.equal((await new Browser().visit(actions(other).authorizeUrl('evil', params))).status, 404);
    } finally {
      await Promise.all([provider.close(), other.close()]);
    }
  });
});
