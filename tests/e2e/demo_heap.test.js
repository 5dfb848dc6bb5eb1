// Law 1: no token leaves the vault, not even where the whole app is a module of WebAssembly in the page.
import assert from 'node:assert/strict';
import { everywhere } from './support/everywhere.js';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';
import { countOf, search, secretsOf } from './support/secrets.js';
import { tap } from './support/taps.js';

const { test } = stage();

/** Does everything that the demo offers, and renews so many times. */
async function useAll({ demo }, renewals) {
  await demo.open();
  await demo.logIn(ada);
  await demo.callApi();
  for (let renewal = 1; renewal <= renewals; renewal += 1) await demo.renew(renewal);
  await demo.callApi();
}

for (const vault of ['shared', 'worker']) {
  test(`law 1: no token is anywhere in the page of the demo, with the vault in its home: ${vault}`, async (world) => {
    const { context, control, page, site, watched } = world;
    site.config.vault = vault;
    const tapped = await tap(context, []);
    await useAll(world, 3);
    const secrets = secretsOf(control);
    // Three tokens from the login and three from each renewal, and the code verifier.
    assert.equal(countOf(secrets), 3 * (3 + 1) + 1);
    const places = await everywhere(page, { tapped, watched });
    assert.deepEqual(search(places, secrets), {});
    // It was looked for in something: who the person is, which is no secret, is where the app has it.
    for (const place of ['memories of WebAssembly', 'from the vault', 'document']) {
      assert.ok(places[place].some((text) => text.includes(ada.email)), place);
    }
  });
}

test('with the session in the page of the demo the same search finds its tokens', async (world) => {
  const { context, control, page, site, watched } = world;
  site.config.vault = 'page';
  const tapped = await tap(context, []);
  await useAll(world, 1);
  const found = search(await everywhere(page, { tapped, watched }), secretsOf(control));
  assert.ok(found['memories of WebAssembly'].includes('refreshTokens[1] whole'));
});
