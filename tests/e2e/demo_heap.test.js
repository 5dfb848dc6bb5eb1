// Law 1: no token leaves the vault, even if the whole app is a WebAssembly module in the page.
import assert from 'node:assert/strict';
import { searchablePlaces } from './support/leak_search.js';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';
import { countOf, search, secretsOf } from './support/secrets.js';
import { spy } from './support/spies.js';

const { test } = stage();

/** Uses every feature of the demo, and renews this many times. */
async function useAll({ demo }, renewals) {
  await demo.open();
  await demo.logIn(ada);
  await demo.callApi();
  for (let renewal = 1; renewal <= renewals; renewal += 1) await demo.renew(renewal);
  await demo.callApi();
}

for (const vault of ['shared', 'worker']) {
  test(`law 1: no token is anywhere in the page of the demo, vault location: ${vault}`, async (world) => {
    const { context, control, page, site, watched } = world;
    site.config.vault = vault;
    const spied = await spy(context, []);
    await useAll(world, 3);
    const secrets = secretsOf(control);
    // Three tokens from the login and three from each renewal, and the code verifier.
    assert.equal(countOf(secrets), 3 * (3 + 1) + 1);
    const places = await searchablePlaces(page, { spied, watched });
    assert.deepEqual(search(places, secrets), {});
    // The search did look at something: the user's id, which is no secret, is where the app has it.
    for (const place of ['memories of WebAssembly', 'from the vault', 'document']) {
      assert.ok(places[place].some((text) => text.includes(ada.email)), place);
    }
  });
}

test('the search finds the tokens of a session in the page of the demo', async (world) => {
  const { context, control, page, site, watched } = world;
  site.config.vault = 'page';
  const spied = await spy(context, []);
  await useAll(world, 1);
  const found = search(await searchablePlaces(page, { spied, watched }), secretsOf(control));
  assert.ok(found['memories of WebAssembly'].includes('refreshTokens[1] whole'));
});
