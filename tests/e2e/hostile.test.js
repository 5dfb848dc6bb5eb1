// A hostile script in the page. It can do a lot, as the documentation says. It gets no token.
import assert from 'node:assert/strict';
import { listen } from '../../demo/provider/src/listen.js';
import { workersOf } from './support/devtools.js';
import { eventually } from './support/eventually.js';
import { stage } from './support/harness.js';
import { infect, infectAll, installPort, lootOf } from './support/hostile.js';
import { ada } from './support/people.js';
import { countOf, secretsOf, sightings } from './support/secrets.js';
import { useStolen } from './support/stolen.js';
import { storageOf } from './support/storage.js';
import { installStringsOf } from './support/strings.js';

const { test } = stage({ app: 'pkg' });

const late = (page) => page.evaluate(`(${installStringsOf})(); (${infect})();`);

/** Uses a session in every way an app does. */
async function useAll({ app, page }) {
  assert.deepEqual(await app.callApi(2), [200, 200]);
  assert.equal(await page.evaluate(async () => (await window.auth.userInfo()).email), ada.email);
  assert.equal(await app.call('renew'), 'done');
  assert.equal(await app.call('accessToken'), 'access_token_not_exposed');
  assert.deepEqual(await app.callApi(2), [200, 200]);
}

/** The script has got nothing of what the provider issued. */
async function assertNoLoot(page, control) {
  const loot = await lootOf(page);
  assert.ok(loot.length > 100, `It has only seen ${loot.length} texts.`);
  const secrets = secretsOf(control);
  assert.ok(countOf(secrets) >= 4);
  assert.deepEqual(sightings(secrets, loot), []);
}

for (const vault of ['shared', 'worker']) {
  test(`a script that ran first sees no token, vault location: ${vault}`, async (world) => {
    const { app, context, control, page, site } = world;
    site.config.vault = vault;
    await infectAll(context);
    await app.open();
    await app.logIn(ada);
    await useAll(world);
    await assertNoLoot(page, control);
  });

  test(`a script that ran later sees no token, vault location: ${vault}`, async (world) => {
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

/** How the header of every DPoP proof begins, in base64url. */
const PROOF = Buffer.from('{"typ":"dpop+jwt"').toString('base64url').slice(0, -1);

for (const vault of ['shared', 'worker']) {
  test(`law 1: a script gets no proof, and a token that leaked elsewhere is of no use to it, vault location: ${vault}`, async (world) => {
    const { app, context, control, page, site } = world;
    control.patchSettings({ dpop: 'required' });
    Object.assign(site.config, { vault, dpop: 'required' });
    await infectAll(context);
    await app.open();
    await app.logIn(ada);
    await useAll(world);
    assert.equal(await page.evaluate(() => window.auth.state.isBound), true);
    const proof = await page.evaluate(() => window.auth.dpopProof({ url: window.apiUrl }).then(() => 'done', ({ code }) => code));
    assert.equal(proof, 'access_token_not_exposed');
    await assertNoLoot(page, control);
    assert.deepEqual((await lootOf(page)).filter((text) => text.includes(PROOF)), []);

    // Another machine has the token, from the log of a careless API.
    const { accessTokens } = control.issued();
    assert.deepEqual(await useStolen(accessTokens.at(-1), site.config.apiUrl), [401, 401]);
    assert.deepEqual(await app.callApi(1), [200], 'the vault can still use it');
  });
}

/** Opens the script's own port in an infected page. `settings` as `openPort` takes them; `rename` changes the vault's name. */
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

/** The outcome of a message: the code of the error, or the reply. `state` goes to every tab, and says nothing here. */
function outcomeOf(answers) {
  const words = answers.filter(({ event }) => event !== 'state').map(({ event, error, value, body }) => {
    if (event !== 'answer') return `told to ${event}`;
    if (error) return error.code;
    return body ? `status ${value.status}` : 'answered';
  });
  return [...new Set(words)].join(', ') || 'ignored';
}

/** How long a vault may be silent. A dead one is silent forever. */
const SILENCE = 15_000;

/** Sends a message that a function of the page makes, and returns its outcome. */
async function send(page, port, make, until = 1) {
  const message = await page.evaluateHandle(make, await page.evaluate(() => window.apiUrl));
  const answers = await page.evaluate(async ([own, said, wait, silence]) => {
    const silent = new Promise((resolve) => { setTimeout(resolve, silence, 'silence'); });
    try {
      const heard = await Promise.race([silent, own.say(said, { transfer: said?.transfer ?? [], until: wait ?? undefined })]);
      if (heard === 'silence') return heard;
      return heard.map(({ event, error, value, body }) => ({ event, error, value: { status: value?.status }, body: body !== undefined }));
    } catch (error) {
      return `not sent: ${error.name}`;
    }
  }, [port, message, until, SILENCE]);
  return Array.isArray(answers) ? outcomeOf(answers) : answers;
}

/** Not to wait for an answer, because there will be none, or under an unknown id. */
const HEARD = null;

/** On each line a message, its outcome, and what to wait for if not for the answer with the id 1. */
const MESSAGES = [
  // Well-formed, from a caller without permission.
  ['hello, once more', () => ({ event: 'hello' }), 'ignored', HEARD],
  ['open, where the app is', () => ({ call: 'open', id: 1, url: location.href }), 'answered'],
  ['open, at a callback of its own making', () => ({ call: 'open', id: 1, url: `${origin}/callback?code=x&state=y` }), 'told to replace', 'replace'],
  ['replaced', () => ({ event: 'replaced' }), 'answered'],
  ['open, at another origin', () => ({ call: 'open', id: 1, url: 'https://evil.example/callback?code=x&state=y' }), 'config_invalid'],
  ['accessToken', () => ({ call: 'accessToken', id: 1 }), 'access_token_not_exposed'],
  ['refreshToken, which there is not', () => ({ call: 'refreshToken', id: 1 }), 'config_invalid'],
  ['proof, for a request to the API', (url) => ({ call: 'proof', id: 1, url, method: 'GET' }), 'access_token_not_exposed'],
  ['userInfo', () => ({ call: 'userInfo', id: 1 }), 'answered'],
  ['renew', () => ({ call: 'renew', id: 1 }), 'answered'],
  ['login', () => ({ call: 'login', id: 1, url: location.href, options: { tenantName: 'acme' } }), 'told to navigate, answered'],
  ['login, back to another origin', () => ({ call: 'login', id: 1, url: location.href, options: { tenantName: 'acme', returnTo: 'https://evil.example/' } }), 'told to navigate, answered'],
  ['login, to an unknown tenant domain', () => ({ call: 'login', id: 1, url: location.href, options: { tenantCustomDomain: 'evil.example' } }), 'told to navigate, answered'],
  ['login, to a tenant name that is an address', () => ({ call: 'login', id: 1, url: location.href, options: { tenantName: 'evil.example/#' } }), 'tenant_invalid'],
  ['loginFromUrl', () => ({ call: 'loginFromUrl', id: 1, url: `${origin}/login?tenant_name=acme` }), 'told to navigate, answered'],
  ['loginFromUrl, of another origin', () => ({ call: 'loginFromUrl', id: 1, url: 'https://evil.example/login?tenant_custom_domain=evil.example' }), 'told to navigate, answered'],
  ['tick, online', () => ({ event: 'tick', online: true }), 'ignored', HEARD],
  ['returned', () => ({ event: 'returned' }), 'ignored', HEARD],
  ['tick', () => ({ event: 'tick' }), 'ignored', HEARD],
  ['abort, of nothing', () => ({ event: 'abort', id: 99 }), 'ignored', HEARD],
  ['fetch, of the API', (url) => ({ call: 'fetch', id: 1, url, init: {} }), 'status 200'],
  ['fetch, with another token', (url) => ({ call: 'fetch', id: 1, url, init: { headers: { Authorization: 'Bearer own' } } }), 'status 200'],
  ['fetch, in the mode no-cors', (url) => ({ call: 'fetch', id: 1, url, init: { mode: 'no-cors' } }), 'status 200'],
  ['fetch, in the mode navigate', (url) => ({ call: 'fetch', id: 1, url, init: { mode: 'navigate' } }), 'status 200'],
  ['fetch, of a redirect that is to be followed', (url) => ({ call: 'fetch', id: 1, url: url.replace('me', `redirect?to=${url}`), init: { redirect: 'follow' } }), 'api_redirected'],
  ['fetch, of the app itself', () => ({ call: 'fetch', id: 1, url: `${origin}/config.json`, init: {} }), 'address_not_listed'],
  ['fetch, of the token endpoint', () => ({ call: 'fetch', id: 1, url: '/api/v1/oauth2/token', init: { method: 'POST', body: 'grant_type=refresh_token' } }), 'address_not_listed'],
  ['fetch, of data', () => ({ call: 'fetch', id: 1, url: 'data:text/plain,x', init: {} }), 'address_not_listed'],
  ['fetch, of a script', () => ({ call: 'fetch', id: 1, url: 'javascript:0', init: {} }), 'address_not_listed'],
  ['fetch, of a blob', () => ({ call: 'fetch', id: 1, url: URL.createObjectURL(new Blob(['x'])), init: {} }), 'address_not_listed'],
  ['fetch, of no address', () => ({ call: 'fetch', id: 1, url: 'http://[', init: {} }), 'config_invalid'],
  ['fetch, with a name and a password in the address', (url) => ({ call: 'fetch', id: 1, url: url.replace('//', '//a:b@'), init: {} }), 'config_invalid'],
  ['fetch, with a forbidden method', (url) => ({ call: 'fetch', id: 1, url, init: { method: 'TRACE' } }), 'config_invalid'],
  ['fetch, with a signal that is none', (url) => ({ call: 'fetch', id: 1, url, init: { signal: 1 } }), 'status 200'],
  ['fetch, with options of many kinds', (url) => ({ call: 'fetch', id: 1, url, init: new Map([['method', 'POST']]) }), 'status 200'],
  ['fetch, with a list for options', (url) => ({ call: 'fetch', id: 1, url, init: [1] }), 'status 200'],
  ['fetch, with bytes for options', (url) => ({ call: 'fetch', id: 1, url, init: new Uint8Array(8) }), 'status 200'],
  ['fetch, with a text for options', (url) => ({ call: 'fetch', id: 1, url, init: 'GET' }), 'config_invalid'],
  ['fetch, with a stream', (url) => {
    const body = new ReadableStream();
    return { call: 'fetch', id: 1, url, init: { method: 'POST', body }, transfer: [body] };
  }, 'config_invalid'],
  ['fetch, without options', (url) => ({ call: 'fetch', id: 1, url }), 'config_invalid'],
  ['fetch, without an address', () => ({ call: 'fetch', id: 1, init: {} }), 'config_invalid'],
  // Wrong types.
  ['no object at all', () => 1, 'ignored', HEARD],
  ['null', () => null, 'ignored', HEARD],
  ['undefined', () => undefined, 'ignored', HEARD],
  ['a text', () => 'accessToken', 'ignored', HEARD],
  ['a list', () => ['call', 'accessToken'], 'ignored', HEARD],
  ['a list with members', () => Object.assign([], { call: 'accessToken', id: 1 }), 'access_token_not_exposed'],
  ['an error', () => Object.assign(new Error('ask'), { call: 'accessToken', id: 1 }), 'ignored', HEARD],
  ['a date', () => new Date(0), 'ignored', HEARD],
  ['a big number', () => 2n ** 200n, 'ignored', HEARD],
  ['bytes', () => new Uint8Array(1e6), 'ignored', HEARD],
  ['a map', () => new Map([['call', 'accessToken'], ['id', 1]]), 'ignored', HEARD],
  ['a blob', () => new Blob(['ask']), 'ignored', HEARD],
  ['a port', () => {
    const { port1 } = new MessageChannel();
    return { call: 'open', id: 1, url: port1, transfer: [port1] };
  }, 'config_invalid'],
  ['a function', () => ({ call: () => 'accessToken' }), 'not sent: DataCloneError'],
  ['a window', () => window, 'not sent: DataCloneError'],
  ['a call that is a list', () => ({ call: ['accessToken'], id: 1 }), 'ignored', HEARD],
  ['a call of another name', () => ({ call: '__proto__', id: 1 }), 'config_invalid'],
  ['a call without an id', () => ({ call: 'accessToken' }), 'ignored', HEARD],
  ['a call with a text for an id', () => ({ call: 'accessToken', id: '1' }), 'ignored', HEARD],
  ['a call with an id that is not a number', () => ({ call: 'accessToken', id: NaN }), 'access_token_not_exposed', HEARD],
  ['a call with an endless id', () => ({ call: 'accessToken', id: Infinity }), 'access_token_not_exposed', HEARD],
  ['a call with an id below zero', () => ({ call: 'accessToken', id: -1 }), 'access_token_not_exposed', HEARD],
  ['an event that is unknown', () => ({ event: 'token' }), 'ignored', HEARD],
  ['an event and a call at once', () => ({ event: 'bye', call: 'accessToken', id: 1 }), 'access_token_not_exposed'],
  ['online that is no truth value', () => ({ event: 'tick', online: 'no' }), 'ignored', HEARD],
  ['locked, once more', () => ({ event: 'locked' }), 'ignored', HEARD],
  ['ping', () => ({ event: 'ping' }), 'told to pong', 'pong'],
  ['login with options that are a text', () => ({ call: 'login', id: 1, url: location.href, options: 'acme' }), 'config_invalid'],
  ['login with unknown options', () => ({ call: 'login', id: 1, url: location.href, options: { redirectUri: 'https://evil.example' } }), 'config_invalid'],
  ['login with options of wrong types', () => ({ call: 'login', id: 1, url: location.href, options: { tenantName: {}, maxAge: 'x' } }), 'config_invalid'],
  ['login with numbers out of range', () => ({ call: 'login', id: 1, url: location.href, options: { maxAge: -1 } }), 'config_invalid'],
  ['login with a number that is none', () => ({ call: 'login', id: 1, url: location.href, options: { maxAge: NaN } }), 'config_invalid'],
  ['login with options that are bytes', () => ({ call: 'login', id: 1, url: location.href, options: new Uint8Array(4) }), 'config_invalid'],
  ['login without an address', () => ({ call: 'login', id: 1 }), 'config_invalid'],
  ['logout with a state that is too long', () => ({ call: 'logout', id: 1, options: { state: 'x'.repeat(513) } }), 'config_invalid'],
  // Shapes on which programs often fail.
  ['a getter', () => ({ call: 'login', id: 1, get url() { return location.href; }, options: { get tenantName() { return 'acme'; } } }), 'told to navigate, answered'],
  ['a prototype for options', () => JSON.parse('{"call": "login", "id": 1, "url": "x", "options": {"__proto__": {"tenantName": "acme"}}}'), 'config_invalid'],
  ['a prototype for the message', () => Object.create({ call: 'accessToken', id: 1 }), 'ignored', HEARD],
  ['options that are nested a thousand deep', () => {
    let options = {};
    for (let depth = 0; depth < 1000; depth += 1) options = { tenantName: options };
    return { call: 'login', id: 1, url: location.href, options };
  }, 'config_invalid'],
  ['options that are nested a hundred thousand deep', () => {
    let options = {};
    for (let depth = 0; depth < 100_000; depth += 1) options = { tenantName: options };
    return { call: 'login', id: 1, url: location.href, options };
  }, 'not sent: RangeError'],
  ['a text of ten million characters', () => ({ call: 'login', id: 1, url: location.href, options: { tenantName: 'é'.repeat(1e7) } }), 'config_invalid'],
  ['an address of ten million characters', () => ({ call: 'open', id: 1, url: `${origin}/${'x'.repeat(1e7)}` }), 'config_invalid'],
  ['a name of ten million characters', () => ({ call: 'x'.repeat(1e7), id: 1 }), 'ignored', HEARD],
  ['half a character', () => ({ call: 'login', id: 1, url: location.href, options: { tenantName: '\ud800' } }), 'tenant_invalid'],
  ['a list with a million holes', () => ({ call: 'login', id: 1, url: location.href, options: { tenantName: Array(1e6) } }), 'config_invalid'],
];

for (const vault of ['shared', 'worker']) {
  test(`no message gets a token out of the vault, or ends it, vault location: ${vault}`, async (world) => {
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

test('messages from a port without a hello are ignored', async (world) => {
  const { app, context, control, page, site } = world;
  site.config.vault = 'shared';
  await infectAll(context);
  await app.open();
  await app.logIn(ada);
  const [stranger, port] = [await openPort(page, { hello: null }), await openPort(page)];
  await page.evaluate(([own]) => {
    for (const call of ['open', 'login', 'logout', 'fetch', 'userInfo', 'renew', 'accessToken']) {
      own.port.postMessage({ call, id: 1, url: window.apiUrl, init: {} });
      own.port.postMessage({ call, id: 1, url: window.apiUrl, init: { keepalive: true } });
    }
    for (const event of ['bye', 'locked', 'ping', 'returned', 'tick']) own.port.postMessage({ event });
  }, [stranger]);
  // Another client that said hello is answered meanwhile.
  assert.equal(await send(page, port, () => ({ call: 'userInfo', id: 1 })), 'answered');
  assert.deepEqual(await page.evaluate(([own]) => own.heard.map(({ event }) => event), [stranger]), ['ready']);
  assert.ok(!control.log().some(({ endpoint }) => endpoint === 'api'));
  assert.equal((await app.state()).status, 'signed-in');
  assert.equal(control.issued().accessTokens.length, 1);
});

test('law 11: a client that says hello without holding a lock keeps no vault alive', async (world) => {
  const { app, context, page, site } = world;
  Object.assign(site.config, { vault: 'shared', linger: 1 });
  await infectAll(page);
  await app.open();
  await app.logIn(ada);
  const workers = await workersOf(page);
  const second = await context.newPage();
  await second.goto(site.blank);
  const told = await second.evaluate(([url, options]) => {
    window.stranger = new SharedWorker(url, options);
    const { port } = window.stranger;
    const welcomed = new Promise((resolve) => { port.onmessage = ({ data: { event } }) => { if (event === 'welcome') resolve(event); }; });
    port.postMessage({ event: 'hello' });
    return welcomed;
  }, await page.evaluate(() => window.learnt.sharedWorkers[0].given));
  assert.equal(told, 'welcome');
  assert.equal((await workers.list()).length, 1, 'It is the vault of the app.');
  await page.close();
  await eventually('the end of the vault', async () => (await workers.list()).length === 0);
});

/** Shapes that structured cloning allows, and that no client needs. */
const MONSTERS = [
  ['options in a circle', () => {
    const message = { call: 'login', id: 1, url: location.href };
    message.options = message;
    return message;
  }],
  ['a list of four thousand million holes', () => {
    const tenantName = [];
    tenantName.length = 2 ** 32 - 1;
    return { call: 'login', id: 1, url: location.href, options: { tenantName } };
  }],
];

for (const [name, make] of MONSTERS) {
  test(`the vault survives ${name}`, async ({ app, context, page, site }) => {
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
  test(`a vault under other settings has no session, vault location: ${vault}`, async (world) => {
    const { app, context, control, page, site } = world;
    site.config.vault = vault;
    await infectAll(context);
    await app.open();
    await app.logIn(ada);
    for (const rename of OTHER_SETTINGS) {
      const what = JSON.stringify(rename);
      const port = await openPort(page, { rename });
      assert.equal(await port.evaluate(({ welcome }) => welcome.state?.status ?? welcome.event), 'loading', what);
      assert.equal(await send(page, port, () => ({ call: 'open', id: 1, url: location.href })).then((told) => /answered$/.test(told)), true, what);
      assert.equal(await send(page, port, () => ({ call: 'accessToken', id: 1 })),
        rename.exposeAccessToken ? 'not_signed_in' : 'access_token_not_exposed', what);
      for (const call of ['userInfo', 'renew']) assert.equal(await send(page, port, `(() => ({ call: '${call}', id: 1 }))()`), 'not_signed_in', what);
      assert.match(await send(page, port, (url) => ({ call: 'fetch', id: 1, url, init: {} })), /not_signed_in|address_not_listed/, what);
    }
    await useAll(world);
    await assertNoLoot(page, control);
  });
}

/** Another host, which records its requests. It returns the headers it received, to every caller. */
async function startElsewhere() {
  const requests = [];
  const { port, close } = await listen((req, res) => {
    requests.push({ url: req.url, method: req.method, authorization: req.headers.authorization });
    res.writeHead(200, { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*, authorization' });
    res.end(JSON.stringify(req.headers));
  }, 0);
  return { requests, close, port, origin: `http://localhost:${port}`, told: () => requests.filter(({ authorization }) => authorization) };
}

/** Calls the app's own `fetch`, and returns the status or the code. */
const fetchAs = (page, url, init) => page.evaluate(([address, settings]) => window.auth.fetch(address, settings)
  .then(({ status }) => status, ({ code, name }) => code ?? name), [url, init]);

test('law 6: whatever is passed to the app\'s own fetch, the token goes only to the listed APIs', { announced: [/Failed to load resource/] }, async (world) => {
  const { app, context, control, page, provider, site, providerLog } = world;
  const elsewhere = await startElsewhere();
  try {
    const { api, apiPort } = provider;
    site.config.vault = 'shared';
    // It is not the page's policy that keeps the token here.
    for (const host of ['localhost', '127.0.0.1', '*.localhost']) site.connectTo.push(`http://${host}:${elsewhere.port}`, `http://${host}:${apiPort}`);
    await infectAll(context);
    await app.open();
    await app.logIn(ada);
    const stolen = `${elsewhere.origin}/stolen`;
    const attacks = [
      ['another host', `${elsewhere.origin}/v1/me`, 'address_not_listed'],
      ['a host that begins like it', `http://localhost.localhost:${elsewhere.port}/v1/me`, 'address_not_listed'],
      ['a host below it', `http://api.localhost:${apiPort}/v1/me`, 'address_not_listed'],
      ['a name and a password', `http://localhost:${apiPort}@localhost:${elsewhere.port}/v1/me`, 'TypeError'],
      ['a path that holds it', `${elsewhere.origin}/${api}me`, 'address_not_listed'],
      ['no scheme', `//localhost:${elsewhere.port}/v1/me`, 'address_not_listed'],
      ['strokes the other way', `\\\\localhost:${elsewhere.port}\\v1\\me`, 'address_not_listed'],
      ['a line break in the host', `http://local\nhost:${elsewhere.port}/v1/me`, 'address_not_listed'],
      ['the same machine by number', api.replace('localhost', '127.0.0.1'), 'address_not_listed'],
      ['a dot after the host', api.replace('localhost', 'localhost.'), 'address_not_listed'],
      ['https', api.replace('http:', 'https:'), 'address_not_listed'],
      ['a socket', api.replace('http:', 'ws:'), 'address_not_listed'],
      ['the app itself', `${site.origin}/config.json`, 'address_not_listed'],
      ['the provider', `${provider.issuer}/api/v1/oauth2/userinfo`, 'address_not_listed'],
      ['a segment that only begins like it', api.replace('/v1/', '/v1x/'), 'address_not_listed'],
      ['a step up', `${api}../admin`, 'address_not_listed'],
      ['a step up in disguise', `${api}%2e%2e/admin`, 'address_not_listed'],
      ['a step up in two disguises', `${api}%252e%252e/admin`, 'address_not_listed'],
      ['another case', api.replace('/v1/', '/V1/'), 'address_not_listed'],
      ['the host in another case', `${api.replace('localhost', 'LOCALHOST')}me`, 200],
      ['a redirect to another host', `${api}redirect?to=${encodeURIComponent(stolen)}`, 'api_redirected'],
      ['a redirect that is to be followed', `${api}redirect?to=${encodeURIComponent(stolen)}`, 'api_redirected', { redirect: 'follow' }],
      ['a redirect that is to fail', `${api}redirect?to=${encodeURIComponent(stolen)}`, 'api_redirected', { redirect: 'error' }],
      ['a redirect back to the API', `${api}redirect?to=${encodeURIComponent(`${api}me`)}`, 'api_redirected'],
      ['a header of its own', `${api}me`, 200, { headers: { Authorization: 'Bearer own' } }],
      ['another mode', `${api}me`, 200, { mode: 'no-cors' }],
      ['another mode, elsewhere', stolen, 'address_not_listed', { mode: 'no-cors' }],
      ['a mode that wants the same origin', `${api}me`, 'network', { mode: 'same-origin' }],
      ['a referrer', `${api}me`, 200, { referrer: `${site.origin}/secret`, referrerPolicy: 'unsafe-url' }],
      ['no address', 'http://[', 'TypeError'],
    ];
    for (const [name, url, outcome, init] of attacks) assert.equal(await fetchAs(page, url, init), outcome, name);
    // A URL that changes with each read is read once.
    assert.equal(await page.evaluate(async ([good, bad]) => {
      const addresses = [good, bad, bad];
      return window.auth.fetch({ toString: () => addresses.shift() }).then(({ url }) => url, ({ code }) => code);
    }, [`${api}me`, stolen]), `${api}me`);
    assert.deepEqual(elsewhere.requests, []);
    // All requests had the vault's own token, whatever the script set.
    const answered = providerLog.requests('api').filter(({ path }) => path === '/v1/me').map(({ status, authorization }) => [status, authorization]);
    assert.deepEqual(answered, Array(5).fill([200, true]));
    await assertNoLoot(page, control);
  } finally {
    await elsewhere.close();
  }
});

const channelOf = (provider) => `wristband-spa-auth/${provider.clientId}`;

test('invalid messages on the channel between the tabs have no effect', async (world) => {
  const { app, context, page, provider, site } = world;
  site.config.vault = 'shared';
  await infectAll(context);
  await app.open();
  await app.logIn(ada);
  await page.evaluate((name) => {
    const channel = new BroadcastChannel(name);
    const circle = {};
    circle.circle = circle;
    for (const message of ['', 'signed-out', 'x'.repeat(1e6), null, undefined, 0, NaN, [], {}, circle, new Date(), new Uint8Array(9), { session: 'x' },
      { tell: 'state', state: { status: 'signed-out' } }, '\ud800']) channel.postMessage(message);
  }, channelOf(provider));
  const port = await openPort(page);
  assert.equal(await send(page, port, () => ({ call: 'userInfo', id: 1 })), 'answered');
  assert.equal((await app.state()).status, 'signed-in');
});

test('a script that steals the vault’s lock costs one call, and causes no storm', async ({ app, context, page, site, providerLog }) => {
  site.config.vault = 'shared';
  await infectAll(context);
  // A vault that is slow to answer is called once more. The load of the machine must not count.
  await context.addInitScript(() => {
    const { setTimeout: later } = window;
    window.setTimeout = (work, delay = 0, ...given) => later(work, delay * 30, ...given);
  });
  await app.open();
  await app.logIn(ada);
  const dials = () => page.evaluate(() => window.learnt.sharedWorkers.length);
  assert.equal(await dials(), 1);
  await page.evaluate(async () => {
    const { held } = await navigator.locks.query();
    for (const { name } of held.filter((lock) => lock.name.startsWith('wristband-spa-auth/vault/'))) {
      await navigator.locks.request(name, { steal: true }, () => {});
    }
  });
  await page.waitForFunction(() => window.learnt.sharedWorkers.length > 1);
  await app.isSignedIn(ada);
  assert.deepEqual(await app.callApi(3), [200, 200, 200]);
  assert.equal(await app.call('renew'), 'done');
  assert.equal(await dials(), 2);
  assert.equal(providerLog.authorizeRequests().length, 1);
});

// What such a script can do nevertheless. The documentation has this list.

test('it can: make any API call through the vault that the app could make', async ({ app, context, page, site, providerLog }) => {
  site.config.vault = 'shared';
  await infectAll(context);
  await app.open();
  await app.logIn(ada);
  const port = await openPort(page);
  assert.equal(await send(page, port, (url) => ({ call: 'fetch', id: 1, url: url.replace('me', 'echo'), init: { method: 'POST', body: '{}' } })), 'status 200');
  assert.deepEqual(providerLog.requests('api').map(({ method, authorization }) => [method, authorization]), [['POST', true]]);
});

test('it can: read the access token if a listed API echoes the request', async (world) => {
  const { app, context, control, page, site } = world;
  const elsewhere = await startElsewhere();
  try {
    Object.assign(site.config, { vault: 'shared', apis: [`${elsewhere.origin}/`] });
    site.connectTo.push(elsewhere.origin);
    await infectAll(context);
    await app.open();
    await app.logIn(ada);
    await page.evaluate((url) => window.auth.fetch(url).then((response) => response.text()), `${elsewhere.origin}/headers`);
    assert.deepEqual(sightings(secretsOf(control), await lootOf(page)).filter((sighting) => sighting.endsWith('whole')), ['accessTokens[0] whole']);
  } finally {
    await elsewhere.close();
  }
});

test('it can: sign the user out', async ({ app, context, page, provider, site }) => {
  site.config.vault = 'shared';
  await infectAll(context);
  await app.open();
  await app.logIn(ada);
  // The key that distinguishes sessions is made from what the app shows. It is no secret, and can only end a session here.
  await page.evaluate(async (name) => {
    const { claims, tenantName } = window.auth.state;
    const parts = [claims.iss, claims.sub, claims.tnt_id ?? '', tenantName ?? ''].join('\n');
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(parts));
    new BroadcastChannel(name).postMessage(new Uint8Array(digest).toBase64({ alphabet: 'base64url', omitPadding: true }));
  }, channelOf(provider));
  assert.equal(await app.isSignedOut(), 'signed-out');
  await app.leave({ tenantName: 'acme' });
  await app.isSignedIn(ada);
  const port = await openPort(page);
  assert.match(await send(page, port, () => ({ call: 'logout', id: 1 })), /answered/);
  assert.equal(await app.isSignedOut(), 'signed-out');
});

test('it can: read the code verifier of a pending login, which is useless once the login is over', async (world) => {
  const { app, control, page, site, providerLog } = world;
  site.config.vault = 'shared';
  control.addFault({ endpoint: 'authorize', status: 204 });
  await app.open();
  await app.leave();
  const pending = await eventually('the login', async () => Object.values((await storageOf(page)).databases)[0]?.pending[0]?.value);
  assert.match(pending.verifier, /^[\w-]{43}$/);
  // The next login must not overtake this one on its way to the provider.
  await eventually('the departure', () => providerLog.authorizeRequests()[0]?.status === 204);
  await app.logIn(ada);
  assert.ok(!control.issued().codeVerifiers.includes(pending.verifier));
  assert.ok(!JSON.stringify(await storageOf(page)).includes(control.issued().codeVerifiers[0]));
});

test('it can: start its own login under its own settings, and read the tokens of that login', async (world) => {
  const { app, context, control, page, site } = world;
  site.config.vault = 'shared';
  await infectAll(context);
  // It has to run when the browser comes back, before the app does.
  await context.addInitScript(() => { if (location.pathname === '/callback' && sessionStorage.attack) window.stop(); });
  await app.open();
  await app.logIn(ada);
  const settings = { rename: { exposeAccessToken: true, restore: 'none' } };
  const port = await openPort(page, settings);
  await send(page, port, () => ({ call: 'open', id: 1, url: location.href }));
  const learnt = await page.evaluate(() => window.learnt.sharedWorkers[0].given);
  const url = await page.evaluate(async ([own]) => {
    sessionStorage.attack = 'yes';
    await own.say({ call: 'login', id: 2, url: location.href, options: { tenantName: 'acme', prompt: 'none' } }, { until: 2 });
    return own.heard.findLast(({ event }) => event === 'navigate').url;
  }, [port]);
  await page.goto(url, { waitUntil: 'commit' });
  await page.waitForURL((address) => address.pathname === '/callback', { waitUntil: 'commit' });
  await page.evaluate((given) => { window.learnt.sharedWorkers.push({ given }); }, learnt);
  const own = await openPort(page, settings);
  const token = await page.evaluate(async ([vault]) => {
    const opened = vault.say({ call: 'open', id: 1, url: location.href }, { until: 1 });
    await vault.next(({ event }) => event === 'replace');
    vault.port.postMessage({ event: 'replaced' });
    await opened;
    const answers = await vault.say({ call: 'accessToken', id: 2 }, { until: 2 });
    return answers.find(({ id }) => id === 2).value;
  }, [own]);
  // A new token, issued for that login. The tokens of the app's own session are unaffected.
  assert.deepEqual(control.issued().accessTokens.indexOf(token), 1);
  assert.deepEqual([...new Set(sightings(secretsOf(control), await lootOf(page)).map((sighting) => sighting.split(' ')[0]))], ['accessTokens[1]']);
});

test('it can: start the app\'s own vault under other settings, if it ran before the app', async (world) => {
  const { app, context, control, page, site } = world;
  site.config.vault = 'shared';
  await context.addInitScript(() => {
    window.SharedWorker = new Proxy(window.SharedWorker, {
      construct(Target, [url, options]) {
        const [version, wasm, settings] = JSON.parse(options.name);
        return new Target(url, { ...options, name: JSON.stringify([version, wasm, { ...settings, exposeAccessToken: true }]) });
      },
    });
  });
  await app.open();
  await app.logIn(ada);
  assert.equal(await page.evaluate(() => window.auth.accessToken()), control.issued().accessTokens[0]);
});

/** A service worker that records what passes through it. */
const EAVESDROPPER = `
  const keep = async (request, response) => (await caches.open('loot')).put('/' + crypto.randomUUID(), new Response(JSON.stringify({
    url: request.url, sent: [...request.headers], body: await request.clone().text().catch(() => ''), got: await response.clone().text().catch(() => ''),
  })));
  addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  addEventListener('fetch', (event) => event.respondWith((async () => {
    const copy = event.request.clone();
    const response = await fetch(event.request);
    await keep(copy, response);
    return response;
  })()));
`;

/** Registers a service worker, and waits until it listens. Returns the name of the error if that is not allowed. */
const register = (page, file) => page.evaluate(async (url) => {
  try {
    await navigator.serviceWorker.register(url, { type: 'module' });
  } catch (error) {
    return error.name;
  }
  const { active } = await navigator.serviceWorker.ready;
  if (active.state !== 'activated') await new Promise((resolve) => { active.addEventListener('statechange', resolve, { once: true }); });
  return 'registered';
}, file);

/** The secrets that the service worker recorded. */
async function recordedSecrets(page, control) {
  const { cached } = await storageOf(page);
  const seen = sightings(secretsOf(control), cached.map(({ body }) => body));
  return seen.filter((sighting) => sighting.endsWith('whole')).map((sighting) => sighting.split(' ')[0]);
}

for (const vault of ['shared', 'worker']) {
  test(`it can: listen to a vault with a service worker, if it has a file on the app's own host: ${vault}`, async ({ app, control, page, site }) => {
    site.config.vault = vault;
    site.spoil('sw.js', { type: 'text/javascript', body: EAVESDROPPER });
    await page.goto(site.blank);
    assert.equal(await register(page, '/sw.js'), 'registered');
    await app.open();
    await app.logIn(ada);
    assert.deepEqual(await app.callApi(), [200]);
    await eventually('the notes', async () => (await recordedSecrets(page, control)).length === 4);
    assert.deepEqual(await recordedSecrets(page, control), ['accessTokens[0]', 'refreshTokens[0]', 'idTokens[0]', 'codeVerifiers[0]']);
  });
}

test('it can: listen to a vault that is already running, if it has a file on the app\'s own host', async ({ app, control, page, site }) => {
  site.config.vault = 'shared';
  site.spoil('sw.js', { type: 'text/javascript', body: EAVESDROPPER });
  await app.open();
  await app.logIn(ada);
  assert.equal(await register(page, '/sw.js'), 'registered');
  assert.equal(await app.call('renew'), 'done');
  await eventually('the notes', async () => (await recordedSecrets(page, control)).includes('refreshTokens[1]'));
});

test('a policy that allows only the vault as a worker blocks service workers', { announced: [/worker-src/] }, async ({ app, control, page, site }) => {
  site.config.vault = 'shared';
  site.workers = site.url('vault.js');
  site.spoil('sw.js', { type: 'text/javascript', body: EAVESDROPPER });
  await app.open();
  await app.logIn(ada);
  assert.equal(await register(page, '/sw.js'), 'SecurityError');
  // The vault's own file does not intercept requests when registered as one.
  assert.equal(await register(page, '/vault.js'), 'registered');
  assert.equal(await app.call('renew'), 'done');
  assert.deepEqual(await app.callApi(), [200]);
  assert.deepEqual(await recordedSecrets(page, control), []);
});
