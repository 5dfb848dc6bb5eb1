// A hostile script in the page. It can do much, and the documentation says what. It gets no token.
import assert from 'node:assert/strict';
import { infect, infectAll, installPort, lootOf } from './support/hostile.js';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';
import { countOf, secretsOf, sightings } from './support/secrets.js';
import { installStringsOf } from './support/strings.js';

const { test } = stage({ app: 'pkg' });

const late = (page) => page.evaluate(`(${installStringsOf})(); (${infect})();`);

/** Does all that an app does. */
async function useAll({ app, page }) {
  assert.deepEqual(await app.callApi(2), [200, 200]);
  assert.equal(await page.evaluate(async () => (await window.auth.userInfo()).email), ada.email);
  assert.equal(await app.call('renew'), 'done');
  assert.equal(await app.call('accessToken'), 'access_token_not_exposed');
  assert.deepEqual(await app.callApi(2), [200, 200]);
}

/** The script has got none of what the provider handed out. */
async function assertNoLoot(page, control) {
  const loot = await lootOf(page);
  assert.ok(loot.length > 100, `It has only seen ${loot.length} texts.`);
  const secrets = secretsOf(control);
  assert.ok(countOf(secrets) >= 4);
  assert.deepEqual(sightings(secrets, loot), []);
}

for (const vault of ['shared', 'worker']) {
  test(`a script that was there first sees no token pass, with the vault in its home: ${vault}`, async (world) => {
    const { app, context, control, page, site } = world;
    site.config.vault = vault;
    await infectAll(context);
    await app.open();
    await app.logIn(ada);
    await useAll(world);
    await assertNoLoot(page, control);
  });

  test(`a script that came later sees no token pass, with the vault in its home: ${vault}`, async (world) => {
    const { app, control, page, site } = world;
    site.config.vault = vault;
    await app.open();
    await app.logIn(ada);
    await late(page);
    await useAll(world);
    await assertNoLoot(page, control);
  });
}

test('the same script has every token of a vault in the page', async (world) => {
  const { app, context, control, page, site } = world;
  site.config.vault = 'page';
  await infectAll(context);
  await app.open();
  await app.logIn(ada);
  await useAll(world);
  const seen = sightings(secretsOf(control), await lootOf(page)).filter((sighting) => sighting.endsWith('whole'));
  assert.deepEqual(seen, ['accessTokens[0] whole', 'accessTokens[1] whole', 'refreshTokens[0] whole', 'refreshTokens[1] whole', 'idTokens[0] whole', 'idTokens[1] whole', 'codeVerifiers[0] whole']);
});

test('the same script has the access token of an app that opted in to reading it', async (world) => {
  const { app, context, control, page, site } = world;
  Object.assign(site.config, { vault: 'shared', exposeAccessToken: true });
  await infectAll(context);
  await app.open();
  await app.logIn(ada);
  await page.evaluate(() => window.auth.accessToken());
  assert.deepEqual(sightings(secretsOf(control), await lootOf(page)).filter((sighting) => sighting.endsWith('whole')), ['accessTokens[0] whole']);
});

/** Opens a port of the script's own in an infected page. `settings` as `openPort` takes them; `rename` makes another name of the vault's. */
async function openPort(page, settings = {}) {
  await page.evaluate(installPort);
  return page.evaluateHandle(({ rename, ...rest }) => window.openPort({
    ...rest,
    ...(rename && {
      rename(name) {
        const [version, wasm, options] = JSON.parse(name);
        return JSON.stringify([version, wasm, { ...options, ...rename }]);
      },
    }),
  }), settings);
}

/** What came of a message: the code of the error, or what was told. `state` is told to every tab, and says nothing here. */
function outcomeOf(answers) {
  const words = answers.filter(({ tell }) => tell !== 'state').map(({ tell, error, value, body }) => {
    if (tell) return `told to ${tell}`;
    if (error) return error.code;
    return body ? `status ${value.status}` : 'answered';
  });
  return [...new Set(words)].join(', ') || 'ignored';
}

/** So long a vault may be silent. One that has died is silent for ever. */
const SILENCE = 5_000;

/** Sends a message that a function of the page makes, and answers what came of it. */
async function send(page, port, make, until = 1) {
  const message = await page.evaluateHandle(make, await page.evaluate(() => window.apiUrl));
  const answers = await page.evaluate(async ([own, said, wait, silence]) => {
    const silent = new Promise((resolve) => { setTimeout(resolve, silence, 'silence'); });
    try {
      const heard = await Promise.race([silent, own.say(said, { transfer: said?.transfer ?? [], until: wait ?? undefined })]);
      if (heard === 'silence') return heard;
      return heard.map(({ tell, error, value, body }) => ({ tell, error, value: { status: value?.status }, body: body !== undefined }));
    } catch (error) {
      return `not sent: ${error.name}`;
    }
  }, [port, message, until, SILENCE]);
  return Array.isArray(answers) ? outcomeOf(answers) : answers;
}

/** Not to wait for an answer, because there will be none, or under a number that is not known. */
const HEARD = null;

/** A message on each line, what comes of it, and what to wait for if not for the answer with the id 1. */
const MESSAGES = [
  // Well-formed, from somebody who has no business there.
  ['hello, once more', () => ({ tell: 'hello' }), 'told to welcome', HEARD],
  ['open, where the app is', () => ({ ask: 'open', id: 1, address: location.href }), 'answered'],
  ['open, at a callback of its own making', () => ({ ask: 'open', id: 1, address: `${origin}/callback?code=x&state=y` }), 'told to replace', 'replace'],
  ['replaced', () => ({ tell: 'replaced' }), 'answered'],
  ['open, at another origin', () => ({ ask: 'open', id: 1, address: 'https://evil.example/callback?code=x&state=y' }), 'config_invalid'],
  ['accessToken', () => ({ ask: 'accessToken', id: 1 }), 'access_token_not_exposed'],
  ['refreshToken, which there is not', () => ({ ask: 'refreshToken', id: 1 }), 'config_invalid'],
  ['userInfo', () => ({ ask: 'userInfo', id: 1 }), 'answered'],
  ['renew', () => ({ ask: 'renew', id: 1 }), 'answered'],
  ['login', () => ({ ask: 'login', id: 1, address: location.href, options: { tenantName: 'acme' } }), 'told to navigate, answered'],
  ['login, back to another origin', () => ({ ask: 'login', id: 1, address: location.href, options: { tenantName: 'acme', returnTo: 'https://evil.example/' } }), 'told to navigate, answered'],
  ['login, to a tenant domain that nobody knows', () => ({ ask: 'login', id: 1, address: location.href, options: { tenantCustomDomain: 'evil.example' } }), 'tenant_unconfirmed'],
  ['login, to a tenant name that is an address', () => ({ ask: 'login', id: 1, address: location.href, options: { tenantName: 'evil.example/#' } }), 'tenant_invalid'],
  ['loginFromUrl', () => ({ ask: 'loginFromUrl', id: 1, address: `${origin}/login?tenant_name=acme` }), 'told to navigate, answered'],
  ['loginFromUrl, of another origin', () => ({ ask: 'loginFromUrl', id: 1, address: 'https://evil.example/login?tenant_custom_domain=evil.example' }), 'tenant_unconfirmed'],
  ['online', () => ({ tell: 'online', online: true }), 'ignored', HEARD],
  ['returned', () => ({ tell: 'returned' }), 'ignored', HEARD],
  ['woke', () => ({ tell: 'woke' }), 'ignored', HEARD],
  ['abort, of nothing', () => ({ tell: 'abort', id: 99 }), 'ignored', HEARD],
  ['fetch, of the API', (url) => ({ ask: 'fetch', id: 1, url, init: {} }), 'status 200'],
  ['fetch, with another token', (url) => ({ ask: 'fetch', id: 1, url, init: { headers: { Authorization: 'Bearer own' } } }), 'status 200'],
  ['fetch, in the mode no-cors', (url) => ({ ask: 'fetch', id: 1, url, init: { mode: 'no-cors' } }), 'status 200'],
  ['fetch, in the mode navigate', (url) => ({ ask: 'fetch', id: 1, url, init: { mode: 'navigate' } }), 'status 200'],
  ['fetch, of a redirect that is to be followed', (url) => ({ ask: 'fetch', id: 1, url: url.replace('me', `redirect?to=${url}`), init: { redirect: 'follow' } }), 'api_redirected'],
  ['fetch, of the app itself', () => ({ ask: 'fetch', id: 1, url: `${origin}/config.json`, init: {} }), 'address_not_listed'],
  ['fetch, of the token endpoint', () => ({ ask: 'fetch', id: 1, url: '/api/v1/oauth2/token', init: { method: 'POST', body: 'grant_type=refresh_token' } }), 'address_not_listed'],
  ['fetch, of data', () => ({ ask: 'fetch', id: 1, url: 'data:text/plain,x', init: {} }), 'address_not_listed'],
  ['fetch, of a script', () => ({ ask: 'fetch', id: 1, url: 'javascript:0', init: {} }), 'address_not_listed'],
  ['fetch, of a blob', () => ({ ask: 'fetch', id: 1, url: URL.createObjectURL(new Blob(['x'])), init: {} }), 'address_not_listed'],
  ['fetch, of no address', () => ({ ask: 'fetch', id: 1, url: 'http://[', init: {} }), 'config_invalid'],
  ['fetch, with a name and a password in the address', (url) => ({ ask: 'fetch', id: 1, url: url.replace('//', '//a:b@'), init: {} }), 'config_invalid'],
  ['fetch, with a forbidden method', (url) => ({ ask: 'fetch', id: 1, url, init: { method: 'TRACE' } }), 'config_invalid'],
  ['fetch, with a signal that is none', (url) => ({ ask: 'fetch', id: 1, url, init: { signal: 1 } }), 'status 200'],
  ['fetch, with options of many kinds', (url) => ({ ask: 'fetch', id: 1, url, init: new Map([['method', 'POST']]) }), 'status 200'],
  ['fetch, with a list for options', (url) => ({ ask: 'fetch', id: 1, url, init: [1] }), 'status 200'],
  ['fetch, with bytes for options', (url) => ({ ask: 'fetch', id: 1, url, init: new Uint8Array(8) }), 'status 200'],
  ['fetch, with a text for options', (url) => ({ ask: 'fetch', id: 1, url, init: 'GET' }), 'config_invalid'],
  ['fetch, with a stream', (url) => {
    const body = new ReadableStream();
    return { ask: 'fetch', id: 1, url, init: { method: 'POST', body }, transfer: [body] };
  }, 'config_invalid'],
  ['fetch, without options', (url) => ({ ask: 'fetch', id: 1, url }), 'config_invalid'],
  ['fetch, without an address', () => ({ ask: 'fetch', id: 1, init: {} }), 'config_invalid'],
  // Wrong types.
  ['no object at all', () => 1, 'ignored', HEARD],
  ['null', () => null, 'ignored', HEARD],
  ['undefined', () => undefined, 'ignored', HEARD],
  ['a text', () => 'accessToken', 'ignored', HEARD],
  ['a list', () => ['ask', 'accessToken'], 'ignored', HEARD],
  ['a list with members', () => Object.assign([], { ask: 'accessToken', id: 1 }), 'access_token_not_exposed'],
  ['an error', () => Object.assign(new Error('ask'), { ask: 'accessToken', id: 1 }), 'ignored', HEARD],
  ['a date', () => new Date(0), 'ignored', HEARD],
  ['a big number', () => 2n ** 200n, 'ignored', HEARD],
  ['bytes', () => new Uint8Array(1e6), 'ignored', HEARD],
  ['a map', () => new Map([['ask', 'accessToken'], ['id', 1]]), 'ignored', HEARD],
  ['a blob', () => new Blob(['ask']), 'ignored', HEARD],
  ['a port', () => {
    const { port1 } = new MessageChannel();
    return { ask: 'open', id: 1, address: port1, transfer: [port1] };
  }, 'config_invalid'],
  ['a function', () => ({ ask: () => 'accessToken' }), 'not sent: DataCloneError'],
  ['a window', () => window, 'not sent: DataCloneError'],
  ['an ask that is a list', () => ({ ask: ['accessToken'], id: 1 }), 'ignored', HEARD],
  ['an ask of another name', () => ({ ask: '__proto__', id: 1 }), 'config_invalid'],
  ['an ask without an id', () => ({ ask: 'accessToken' }), 'ignored', HEARD],
  ['an ask with a text for an id', () => ({ ask: 'accessToken', id: '1' }), 'ignored', HEARD],
  ['an ask with an id that is not a number', () => ({ ask: 'accessToken', id: NaN }), 'access_token_not_exposed', HEARD],
  ['an ask with an endless id', () => ({ ask: 'accessToken', id: Infinity }), 'access_token_not_exposed', HEARD],
  ['an ask with an id below zero', () => ({ ask: 'accessToken', id: -1 }), 'access_token_not_exposed', HEARD],
  ['a tell that is unknown', () => ({ tell: 'token' }), 'ignored', HEARD],
  ['a tell and an ask at once', () => ({ tell: 'goodbye', ask: 'accessToken', id: 1 }), 'access_token_not_exposed'],
  ['online that is no truth value', () => ({ tell: 'online', online: 'no' }), 'ignored', HEARD],
  ['hello with a lock that is no text', () => ({ tell: 'hello', lock: {} }), 'told to welcome', HEARD],
  ['hello with a lock that may not be', () => ({ tell: 'hello', lock: '-x' }), 'told to welcome', HEARD],
  ['login with options that are a text', () => ({ ask: 'login', id: 1, address: location.href, options: 'acme' }), 'config_invalid'],
  ['login with unknown options', () => ({ ask: 'login', id: 1, address: location.href, options: { redirectUri: 'https://evil.example' } }), 'config_invalid'],
  ['login with options of wrong types', () => ({ ask: 'login', id: 1, address: location.href, options: { tenantName: {}, maxAge: 'x' } }), 'config_invalid'],
  ['login with numbers out of range', () => ({ ask: 'login', id: 1, address: location.href, options: { maxAge: -1 } }), 'config_invalid'],
  ['login with a number that is none', () => ({ ask: 'login', id: 1, address: location.href, options: { maxAge: NaN } }), 'config_invalid'],
  ['login with options that are bytes', () => ({ ask: 'login', id: 1, address: location.href, options: new Uint8Array(4) }), 'config_invalid'],
  ['login without an address', () => ({ ask: 'login', id: 1 }), 'config_invalid'],
  ['logout with a state that is too long', () => ({ ask: 'logout', id: 1, options: { state: 'x'.repeat(513) } }), 'config_invalid'],
  // Shapes that make programs stumble.
  ['a getter', () => ({ ask: 'login', id: 1, get address() { return location.href; }, options: { get tenantName() { return 'acme'; } } }), 'told to navigate, answered'],
  ['a prototype for options', () => JSON.parse('{"ask": "login", "id": 1, "address": "x", "options": {"__proto__": {"tenantName": "acme"}}}'), 'config_invalid'],
  ['a prototype for the message', () => Object.create({ ask: 'accessToken', id: 1 }), 'ignored', HEARD],
  ['options that are nested a thousand deep', () => {
    let options = {};
    for (let depth = 0; depth < 1000; depth += 1) options = { tenantName: options };
    return { ask: 'login', id: 1, address: location.href, options };
  }, 'config_invalid'],
  ['options that are nested a hundred thousand deep', () => {
    let options = {};
    for (let depth = 0; depth < 100_000; depth += 1) options = { tenantName: options };
    return { ask: 'login', id: 1, address: location.href, options };
  }, 'not sent: RangeError'],
  ['a text of ten million characters', () => ({ ask: 'login', id: 1, address: location.href, options: { tenantName: 'é'.repeat(1e7) } }), 'tenant_invalid'],
  ['an address of ten million characters', () => ({ ask: 'open', id: 1, address: `${origin}/${'x'.repeat(1e7)}` }), 'answered'],
  ['a name of ten million characters', () => ({ ask: 'x'.repeat(1e7), id: 1 }), 'config_invalid'],
  ['half a character', () => ({ ask: 'login', id: 1, address: location.href, options: { tenantName: '\ud800' } }), 'tenant_invalid'],
  ['a list with a million holes', () => ({ ask: 'login', id: 1, address: location.href, options: { tenantName: Array(1e6) } }), 'config_invalid'],
];

for (const vault of ['shared', 'worker']) {
  test(`no message gets a token out of the vault, or ends it, in its home: ${vault}`, async (world) => {
    const { app, context, control, page, site } = world;
    site.config.vault = vault;
    await infectAll(context);
    await app.open();
    await app.logIn(ada);
    const port = await openPort(page);
    for (const [name, make, outcome, until] of MESSAGES) assert.equal(await send(page, port, make, until), outcome, name);
    await useAll(world);
    await assertNoLoot(page, control);
  });
}

test('who has not said hello is not heard', async (world) => {
  const { app, context, control, page, site } = world;
  site.config.vault = 'shared';
  await infectAll(context);
  await app.open();
  await app.logIn(ada);
  const [stranger, port] = [await openPort(page, { hello: null }), await openPort(page)];
  await page.evaluate(([own]) => {
    for (const ask of ['open', 'login', 'logout', 'fetch', 'userInfo', 'renew', 'accessToken']) {
      own.port.postMessage({ ask, id: 1, address: location.href, url: window.apiUrl, init: {} });
    }
    for (const tell of ['goodbye', 'returned', 'woke']) own.port.postMessage({ tell });
  }, [stranger]);
  // Somebody who was greeted is answered meanwhile.
  assert.equal(await send(page, port, () => ({ ask: 'userInfo', id: 1 })), 'answered');
  assert.deepEqual(await page.evaluate(([own]) => own.heard.map(({ tell }) => tell), [stranger]), ['here']);
  assert.equal((await app.state()).status, 'signed-in');
  assert.equal(control.issued().accessTokens.length, 1);
});

/** Shapes that structured cloning lets through, and that nobody needs. */
const MONSTERS = [
  ['options in a circle', () => {
    const message = { ask: 'login', id: 1, address: location.href };
    message.options = message;
    return message;
  }],
  ['a list of four thousand million holes', () => {
    const tenantName = [];
    tenantName.length = 2 ** 32 - 1;
    return { ask: 'login', id: 1, address: location.href, options: { tenantName } };
  }],
];

for (const [name, make] of MONSTERS) {
  test(`the vault survives ${name}`, { todo: 'the reader of options has no bounds' }, async ({ app, context, page, site }) => {
    site.config.vault = 'shared';
    await infectAll(context);
    await app.open();
    await app.logIn(ada);
    const port = await openPort(page);
    for (let time = 0; time < 5; time += 1) assert.equal(await send(page, port, make), 'config_invalid');
    assert.deepEqual(await app.callApi(), [200]);
  });
}

/** Settings under which the script starts the worker's file once more. */
const OTHER_SETTINGS = [
  { exposeAccessToken: true },
  { exposeAccessToken: true, restore: 'none' },
  { apis: ['http://localhost/', 'https://evil.example/'] },
  { scopes: ['openid'] },
  { clientId: 'another-client' },
  { applicationVanityDomain: 'evil.example' },
  { applicationVanityDomain: undefined, loginUrl: undefined, issuer: 'https://evil.example' },
];

for (const vault of ['shared', 'worker']) {
  test(`a vault under other settings has no session, in its home: ${vault}`, async (world) => {
    const { app, context, control, page, site } = world;
    site.config.vault = vault;
    await infectAll(context);
    await app.open();
    await app.logIn(ada);
    for (const rename of OTHER_SETTINGS) {
      const what = JSON.stringify(rename);
      const port = await openPort(page, { rename });
      assert.equal(await port.evaluate(({ welcome }) => welcome.state?.status ?? welcome.tell), 'loading', what);
      assert.equal(await send(page, port, () => ({ ask: 'open', id: 1, address: location.href })).then((told) => /answered$/.test(told)), true, what);
      assert.equal(await send(page, port, () => ({ ask: 'accessToken', id: 1 })),
        rename.exposeAccessToken ? 'not_signed_in' : 'access_token_not_exposed', what);
      for (const ask of ['userInfo', 'renew']) assert.equal(await send(page, port, `(() => ({ ask: '${ask}', id: 1 }))()`), 'not_signed_in', what);
      assert.match(await send(page, port, (url) => ({ ask: 'fetch', id: 1, url, init: {} })), /not_signed_in|address_not_listed/, what);
    }
    await useAll(world);
    await assertNoLoot(page, control);
  });
}
