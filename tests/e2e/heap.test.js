// Law 1: no token leaves the vault. Even a heap snapshot of the page holds none.
import assert from 'node:assert/strict';
import { workerMemories, workersOf } from './support/devtools.js';
import { searchablePlaces } from './support/leak_search.js';
import { eventually } from './support/eventually.js';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';
import { countOf, search, secretsOf, sightings } from './support/secrets.js';
import { spy } from './support/spies.js';

const { test } = stage({ app: 'pkg' });
const RENEWALS = 10;

/** The channel names on which a page could listen to other tabs: everything the library names that a page can see. */
const channelsOf = ({ provider }) => ['wristband', 'wristband-spa-auth', `wristband-spa-auth/${provider.clientId}`, provider.clientId];

/** Uses a session in every way an app does, and renews it this many times. */
async function useAll({ app, page }, renewals) {
  await app.open();
  await app.logIn(ada);
  assert.deepEqual(await app.callApi(3), [200, 200, 200]);
  assert.equal(await page.evaluate(async () => (await window.auth.userInfo()).email), ada.email);
  for (let renewal = 1; renewal <= renewals; renewal += 1) {
    assert.equal(await app.call('renew'), 'done');
    await app.hasRenewed(renewal);
  }
  assert.deepEqual(await app.callApi(3), [200, 200, 200]);
}

for (const vault of ['shared', 'worker']) {
  test(`law 1: no token is anywhere in the page, vault location: ${vault}`, async (world) => {
    const { app, context, control, page, site, watched } = world;
    site.config.vault = vault;
    const spied = await spy(context, channelsOf(world));
    await useAll(world, RENEWALS);

    const secrets = secretsOf(control);
    // Three tokens from the login and three from each renewal, and the code verifier.
    assert.equal(countOf(secrets), 3 * (RENEWALS + 1) + 1);
    const places = await searchablePlaces(page, { spied, watched });
    assert.deepEqual(search(places, secrets), {});
    // The search did look at something: the user's id, which is no secret, is where the app has it.
    const { userId } = await app.state();
    for (const place of ['strings of the heap', 'from the vault', 'what the global object leads to']) {
      assert.ok(places[place].some((text) => text.includes(userId)), place);
    }

    // The code came in the address bar, and the vault received that URL. It stays in the page's own timing, and in
    // `navigation.activation`, which cannot be changed. It is used up.
    assert.deepEqual(Object.keys(search(places, secretsOf(control, ['codes']))),
      ['to the vault', 'performance entries', 'what the global object leads to']);
    // The nonce went through the page to the provider in a URL, and may be among the claims that the app can see.
    const nonce = Object.keys(search(places, secretsOf(control, ['nonces'])));
    assert.deepEqual(nonce.filter((place) => !['from the vault', 'strings of the heap', 'what the global object leads to'].includes(place)), []);

    // The same secrets are found where they belong, but only the last ones: what was replaced was overwritten.
    const [worker, ...others] = await (await workersOf(page)).list();
    assert.deepEqual(others, []);
    assert.deepEqual([...new Set(sightings(secrets, await workerMemories(worker)).map((sighting) => sighting.split(' ')[0]))],
      [`accessTokens[${RENEWALS}]`, `refreshTokens[${RENEWALS}]`]);
  });
}

test('the search finds the tokens of a vault in the page', async (world) => {
  // In the page nothing protects them from other scripts. That is what the worker is for.
  const { context, control, page, site, watched } = world;
  site.config.vault = 'page';
  const spied = await spy(context, channelsOf(world));
  await useAll(world, 1);
  const found = search(await searchablePlaces(page, { spied, watched }), secretsOf(control));
  assert.ok(found['memories of WebAssembly'].includes('refreshTokens[1] whole'));
  assert.deepEqual(Object.keys(found).filter((place) => !['memories of WebAssembly', 'strings of the heap'].includes(place)), []);
});

test('the logout message between tabs holds no token', async (world) => {
  const { app, context, control, newApp, page, site, watched } = world;
  site.config.vault = 'worker';
  const spied = await spy(context, channelsOf(world));
  await useAll(world, 1);
  const other = await newApp();
  await other.open();
  await other.isSignedIn(ada);
  await other.logOut();
  assert.equal(await app.isSignedOut(), 'signed-out');
  await eventually('the news on the channel', () => spied['from other tabs'].length > 0);
  assert.equal(countOf(secretsOf(control)), 3 * 3 + 2);
  assert.deepEqual(search(await searchablePlaces(page, { spied, watched }), secretsOf(control)), {});
});

/** Ways to leave a token in a page, and where it has to be found then. */
const PLANTS = {
  'strings of the heap': (token) => {
    const inClosure = `Bearer ${token}`;
    window.addEventListener('click', () => inClosure.length);
  },
  'memories of WebAssembly': (token) => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    new TextEncoder().encodeInto(token, new Uint8Array(memory.buffer, 4000));
    window.addEventListener('click', () => memory.buffer);
  },
  localStorage: (token) => localStorage.setItem('planted', token),
  sessionStorage: (token) => sessionStorage.setItem('planted', token),
  IndexedDB: (token) => new Promise((resolve) => {
    const opening = indexedDB.open('planted');
    opening.onupgradeneeded = () => opening.result.createObjectStore('planted').put({ deep: [token] }, 1);
    opening.onsuccess = () => resolve(opening.result.close());
  }),
  caches: async (token) => (await caches.open('planted')).put('/planted', new Response(token)),
  cookies: (token) => { document.cookie = `planted=${token}`; },
  'files, window.name, history.state, service workers': (token) => { window.name = token; },
  'address and history': (token) => {
    history.pushState(null, '', `?token=${token}`);
    history.pushState(null, '', '/');
  },
  console: (token) => console.log(token),
  'to the vault': (token) => new MessageChannel().port1.postMessage({ deep: [{ token }] }),
  'from the vault': (token) => new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = resolve;
    port2.postMessage(new Map([['token', new TextEncoder().encode(token)]]));
  }),
  'to other tabs': (token) => new BroadcastChannel('planted').postMessage(token),
  'from other tabs': (token) => new BroadcastChannel('wristband-spa-auth').postMessage(token),
  document: (token) => document.body.append(document.createComment(token)),
  'performance entries': (token) => performance.mark('planted', { detail: { token } }),
  'what the global object leads to': (token) => {
    class Hidden {
      get deep() {
        return new Map([[1, { bytes: new TextEncoder().encode(token) }]]);
      }
    }
    window.planted = new Hidden();
  },
  'names of locks': (token) => new Promise((resolve) => {
    navigator.locks.request(token, () => {
      resolve();
      return new Promise(() => {});
    });
  }),
};

test('the search finds a planted token in every place', async (world) => {
  const { app, context, control, page, site, watched } = world;
  site.config.vault = 'shared';
  const spied = await spy(context, channelsOf(world));
  await app.open();
  await app.logIn(ada);
  // A separate token for each place, so that none is found in one place because it was left in another: renewals issue as many as needed.
  const places = Object.keys(PLANTS);
  for (let renewal = 1; renewal < places.length; renewal += 1) assert.equal(await app.call('renew'), 'done');
  const { refreshTokens } = control.issued();
  const found = async () => search(await searchablePlaces(page, { spied, watched }), secretsOf(control, ['refreshTokens']));
  assert.deepEqual(await found(), {});
  for (const [index, place] of places.entries()) await page.evaluate(PLANTS[place], refreshTokens[index]);
  // The complete search takes seconds.
  await eventually('every place to show its token', async () => {
    const seen = await found();
    assert.deepEqual(places.filter((place, index) => !seen[place]?.includes(`refreshTokens[${index}] whole`)), []);
    return true;
  }, 40_000);
});
