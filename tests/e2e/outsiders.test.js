// Interference from outside the library: a script in the page that knows how it works, servers that misbehave, and browsers that
// do not answer. Each of these once succeeded.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { after, before } from 'node:test';
import { createBrotliCompress } from 'node:zlib';
import { startApi } from './support/api.js';
import { openWorker, workersOf } from './support/devtools.js';
import { eventually } from './support/eventually.js';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';
import { takeWorkerName } from './support/squatter.js';

const { test } = stage({ app: 'pkg' });
const trusting = { trusts: true };

let api;
before(async () => { api = await startApi('*'); });
after(() => api.close());

/** Opens the app with these settings, and signs in. */
async function signedIn({ app, control, site }, settings) {
  api.reset();
  Object.assign(site.config, { apis: [...site.config.apis, api.prefix], ...settings });
  site.connectTo.push(api.origin);
  await app.open();
  await app.logIn(ada);
  control.clearLog();
}

/** The result of starting the app again under these settings: the vault's location, or the code and the message of the error. */
const startWith = (page, settings) => page.evaluate((own) => window.start(own).then(
  async (auth) => auth.renew().then(() => auth.state.vault, ({ code, message }) => `${code}: ${message}`),
  ({ code, message }) => `${code}: ${message}`,
), settings);

/** The smallest possible module. */
const MODULE = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const DIGESTS = { announced: [/valid digest|integrity checks failed|Failed to load resource/, /vault_unavailable/, /better location is unavailable/] };

for (const [what, type] of [['an uploaded picture', 'image/png'], ['a foreign module', 'application/wasm']]) {
  test(`law 1: the vault runs no module but its own: ${what}`, DIGESTS, async ({ app, page, site }) => {
    site.config.vault = 'shared';
    site.spoil('upload', { body: MODULE, type });
    await app.open();
    await app.isSignedOut();
    const started = await startWith(page, { wasmUrl: site.url('upload') });
    assert.match(started, /^vault_unavailable: .*not the module that vault\.js was built with/);
  });
}

test('the vault’s own module may have any type and URL: only its digest counts', async ({ app, site }) => {
  site.config.vault = 'shared';
  site.headers = (name) => (name === 'vault.wasm' ? { 'Content-Type': 'application/octet-stream' } : {});
  await app.open();
  await app.logIn(ada);
});

test('an old module in the cache is reloaded', DIGESTS, async ({ app, site }) => {
  site.config.vault = 'shared';
  let asked = 0;
  // The first response is the cached one.
  site.spoil('vault.wasm', { body: MODULE });
  site.headers = (name) => {
    if (name === 'vault.wasm' && (asked += 1) === 1) site.heal('vault.wasm');
    return {};
  };
  await app.open();
  await app.logIn(ada);
  assert.equal(asked, 2);
});

test('law 11: a page that never cleans its address bar does not block another page', async (world) => {
  const { app, context, page, site } = world;
  await signedIn(world, { vault: 'shared' });
  const stranger = await context.newPage();
  await stranger.addInitScript(() => {
    const { postMessage } = MessagePort.prototype;
    MessagePort.prototype.postMessage = function send(message, ...rest) {
      if (message?.event !== 'replaced') postMessage.call(this, message, ...rest);
    };
  });
  await stranger.goto(site.url('callback?code=invented&state=invented'));
  const other = await context.newPage();
  await other.goto(site.url());
  await other.waitForFunction(() => window.auth?.state.status === 'signed-in');
  await stranger.waitForFunction(() => window.auth?.state.status === 'signed-in');
  assert.deepEqual(await app.callApi(), [200]);
  assert.equal(new URL(page.url()).search, '');
});

/** Replaces the library's database with one of another layout. */
const plantDatabase = (page, clientId, version) => page.evaluate(([client, wanted]) => new Promise((resolve) => {
  const name = `wristband-spa-auth/${client}`;
  indexedDB.deleteDatabase(name).onsuccess = () => {
    indexedDB.open(name, wanted).onsuccess = ({ target }) => resolve(target.result.close());
  };
}), [clientId, version]);

for (const [what, version] of [['of another version', 99], ['without object stores', 1]]) {
  test(`law 8: a database ${what} is replaced`, async ({ app, page, site }) => {
    site.config.vault = 'shared';
    await page.goto(site.blank);
    await plantDatabase(page, site.config.clientId, version);
    await app.open();
    await app.logIn(ada);
    await page.reload();
    await app.isSignedIn(ada);
  });
}

test('law 10: oversized options are refused, wherever the size is', async (world) => {
  const { app, page } = world;
  await signedIn(world, { vault: 'shared' });
  const outcome = (options) => page.evaluate((given) => window.auth.login((0, eval)(given)()).catch(({ code }) => code), options);
  for (const options of [
    () => ({ loginHint: 'x'.repeat(5e6) }),
    () => ({ loginHint: { deep: ['x'.repeat(5e6)] } }),
    () => ({ ['x'.repeat(5e6)]: 1 }),
    () => ({ loginHint: Array(900).fill('x'.repeat(1e4)) }),
  ]) assert.equal(await outcome(options.toString()), 'config_invalid', options.toString());
  assert.deepEqual(await app.callApi(), [200]);
});

/** How many 24-character parts of each string occur in the memory of a worker's module. */
async function inMemory(worker, texts) {
  const tools = await openWorker(worker);
  await tools.send('Runtime.enable');
  const { result } = await tools.send('Runtime.evaluate', { expression: 'WebAssembly.Memory.prototype' });
  const { objects } = await tools.send('Runtime.queryObjects', { prototypeObjectId: result.objectId });
  const find = `function (texts) {
    const memory = [...this].map(({ buffer }) => new TextDecoder('latin1').decode(new Uint8Array(buffer))).join();
    const pieces = (text) => Array.from({ length: Math.floor(text.length / 24) }, (_, index) => text.slice(24 * index, 24 * index + 24));
    return texts.map((text) => pieces(text).filter((piece) => memory.includes(piece)).length);
  }`;
  const found = await tools.send('Runtime.callFunctionOn', { objectId: objects.objectId, returnByValue: true, arguments: [{ value: texts }], functionDeclaration: find });
  await tools.detach();
  return found.result.value;
}

test('law 6: used or forgotten tokens are nowhere in the vault’s memory', async (world) => {
  const { app, control, page, providerLog } = world;
  const codes = [];
  page.on('request', (request) => {
    const code = new URL(request.url()).searchParams.get('code');
    if (code) codes.push(code);
  });
  await signedIn(world, { vault: 'shared', linger: 300 });
  assert.deepEqual(await app.callApi(3), [200, 200, 200]);
  await page.evaluate(() => window.auth.userInfo());
  const [worker] = await (await workersOf(page)).list();
  // Two tokens of one session have the same claims. Their signatures differ.
  const tokens = () => control.issued().accessTokens.map((token) => (token.value ?? token).split('.').at(-1));
  assert.ok((await inMemory(worker, tokens()))[0] > 0, 'The search finds the token that is in use.');
  assert.ok(codes.length > 0);
  assert.deepEqual(await inMemory(worker, codes), codes.map(() => 0), 'a code that was used');
  assert.equal(await app.call('renew'), 'done');
  assert.deepEqual(await app.callApi(), [200]);
  assert.equal((await inMemory(worker, tokens()))[0], 0, 'a token that was replaced');
  await page.route(/logout/, (route) => route.fulfill({ status: 204 }));
  await page.evaluate(() => { window.auth.logout(); });
  await app.isSignedOut();
  await eventually('the revocation', () => providerLog.requests('revoke').length > 0);
  assert.deepEqual(await inMemory(worker, tokens()), tokens().map(() => 0), 'tokens of a session that has ended');
});

test('law 12: another worker with the vault’s name does not cause a weaker location', { announced: [/another name|type|classic|SharedWorker/] }, async ({ app, context, site }) => {
  site.config.vault = 'auto';
  await context.addInitScript(takeWorkerName);
  await app.open();
  assert.equal((await app.logIn(ada)).vault, 'shared');
  assert.equal((await app.state()).vaultFallback, null);
});

test('law 11: a short body that decompresses to a long one is streamed', trusting, async (world) => {
  await signedIn(world, { vault: 'shared' });
  const { page } = world;
  const arrived = api.nextStream();
  const call = page.evaluate(async (url) => {
    window.reader = (await window.auth.fetch(url)).body.getReader();
    return (await window.reader.read()).value.length > 0;
  }, `${api.prefix}packed`);
  // Three hundred kilobytes in about as many bytes on the wire, and the end never comes.
  const packer = createBrotliCompress();
  packer.pipe(await arrived, { end: false });
  packer.write(Buffer.alloc(300_000));
  packer.flush();
  assert.ok(await call);
});

for (const [how, leave] of [
  ['is closed', async (other) => other.page.close()],
  ['is reloaded', async (other) => other.page.reload()],
  ['is left', async (other) => other.page.goto(other.site.blank)],
]) {
  test(`law 11: a response ends at the API when its page ${how}`, trusting, async (world) => {
    await signedIn(world, { vault: 'shared' });
    const other = await world.newApp();
    await other.open();
    await other.isSignedIn(ada);
    const arrived = api.nextStream();
    await other.page.evaluate((url) => window.auth.fetch(url).then((response) => { window.response = response; }), `${api.prefix}slow`);
    const stream = await arrived;
    const closed = once(stream, 'close');
    stream.write('one');
    await leave(other);
    await closed;
  });
}

test('law 11: a call that is aborted as its response arrives leaves nothing at the API', trusting, async (world) => {
  await signedIn(world, { vault: 'shared' });
  const { page } = world;
  for (let delay = 0; delay < 20; delay += 1) {
    const arrived = api.nextStream();
    const call = page.evaluate(async ([url, wait]) => {
      const stop = new AbortController();
      const response = window.auth.fetch(url, { signal: stop.signal });
      window.abortIn = (ms) => new Promise((resolve) => { setTimeout(() => resolve(stop.abort()), ms); });
      return response.then(() => 'response', ({ name }) => name);
    }, [`${api.prefix}slow`, delay]);
    const stream = await arrived;
    const closed = stream.closed ? undefined : once(stream, 'close');
    stream.write('one');
    await page.evaluate((ms) => window.abortIn(ms), delay / 2);
    await call;
    await closed;
  }
});

test('law 13: a response of one session ends with it', trusting, async (world) => {
  await signedIn(world, { vault: 'shared' });
  const { page } = world;
  const arrived = api.nextStream();
  await page.evaluate(async (url) => {
    window.reader = (await window.auth.fetch(url)).body.getReader();
    window.rest = window.reader.read().then(() => window.reader.read()).then(() => 'read', () => 'ended');
  }, `${api.prefix}slow`);
  const stream = await arrived;
  const closed = once(stream, 'close');
  stream.write('one');
  await page.route(/logout/, (route) => route.fulfill({ status: 204 }));
  await page.evaluate(() => { window.auth.logout(); });
  assert.equal(await page.evaluate(() => window.rest), 'ended');
  await closed;
});

test('a call with keepalive outlives its page', trusting, async (world) => {
  await signedIn(world, { vault: 'shared' });
  const { page, site } = world;
  await page.evaluate((url) => {
    addEventListener('pagehide', () => {
      window.auth.fetch(url, { method: 'POST', body: 'the last words', keepalive: true, headers: { 'content-type': 'text/plain' } });
    });
  }, `${api.prefix}echo`);
  await page.goto(site.blank);
  await eventually('the last words', () => api.requests.some(({ chunks }) => Buffer.from(chunks?.[0] ?? '', 'base64').toString() === 'the last words'));
});

test('law 11: an unread response body ends after its page is gone', trusting, async (world) => {
  // However long the vault lives on.
  await signedIn(world, { vault: 'shared', linger: 300 });
  const { page, site } = world;
  const arrived = api.nextStream();
  await page.evaluate((url) => {
    addEventListener('pagehide', () => { window.auth.fetch(url, { keepalive: true }); });
  }, `${api.prefix}slow`);
  await page.goto(site.blank);
  const stream = await arrived;
  if (!stream.closed) await once(stream, 'close');
});

test('with a dedicated worker a keepalive call is refused', trusting, async (world) => {
  await signedIn(world, { vault: 'worker' });
  const message = await world.page.evaluate((url) => window.auth.fetch(url, { keepalive: true }).catch((error) => error.message), `${api.prefix}echo`);
  assert.match(message, /keepalive: .*\(config_invalid\)$/);
});

test('a response is a real fetch Response, and so are its clones', trusting, async (world) => {
  await signedIn(world, { vault: 'shared' });
  const url = `${api.prefix}echo`;
  const [own, clone, again] = await world.page.evaluate(async (address) => {
    const response = await window.auth.fetch(address);
    const clone = response.clone();
    return [response, clone, clone.clone()].map(({ url, type, redirected, status }) => ({ url, type, redirected, status }));
  }, url);
  assert.deepEqual(own, { url, type: 'cors', redirected: false, status: 200 });
  assert.deepEqual([clone, again], [own, own]);
});

/** Speeds up the timeouts ten times, for pages from the next one on. */
const hurry = (page) => page.addInitScript(() => {
  const { setTimeout: later } = window;
  window.setTimeout = (work, delay = 0, ...given) => later(work, delay > 1000 ? delay / 10 : delay, ...given);
});

test('law 11: if a dead worker keeps its name, all tabs find another one', { announced: [/another name/] }, async (world) => {
  const { context, page, site } = world;
  await signedIn(world, { vault: 'shared' });
  const [worker] = await (await workersOf(page)).list();
  const tools = await openWorker(worker);
  await tools.send('Debugger.enable');
  await tools.send('Debugger.pause');
  tools.send('Runtime.evaluate', { expression: '1' }).catch(() => {});
  const tabs = [await context.newPage(), await context.newPage()];
  for (const tab of tabs) {
    await hurry(tab);
    await tab.goto(site.url());
    await tab.waitForFunction(() => window.auth?.state.status === 'signed-in');
    assert.equal(await tab.evaluate(() => window.auth.state.vault), 'shared');
  }
  // One of them has restored the session, for both.
  await tabs[0].reload();
  await tabs[0].waitForFunction(() => window.auth?.state.status === 'signed-in');
});

test('law 11: a refused script is named, even if the browser does not report its failure', { announced: [/404|vault_unavailable/] }, async ({ app, page, site }) => {
  Object.assign(site.config, { vault: 'shared' });
  await hurry(page);
  await page.addInitScript(() => { Object.defineProperty(SharedWorker.prototype, 'onerror', { set() {} }); });
  site.spoil('vault.js', { status: 404, type: 'text/plain' });
  await app.open();
  await page.waitForFunction(() => window.start);
  const message = await page.evaluate(() => window.start().then((auth) => auth.renew()).catch((error) => error.message));
  assert.match(message, /vault\.js was answered with status 404/);
});

test('an old script in the cache is reloaded', async ({ app, page, site }) => {
  site.config.vault = 'shared';
  site.headers = (name) => (name === 'vault.js' ? { 'Cache-Control': 'max-age=3600' } : {});
  const script = await (await fetch(site.url('vault.js'))).text();
  const { version } = JSON.parse(await readFile(new URL('../../pkg/package.json', import.meta.url), 'utf8'));
  site.spoil('vault.js', { body: script.replaceAll(`"${version}"`, '"0.0.1"') });
  await page.goto(site.blank);
  await page.evaluate(() => fetch('vault.js').then((response) => response.text()));
  site.heal('vault.js');
  await app.open();
  await app.logIn(ada);
});

/** How often two copies of the package finish one callback. */
const TRIALS = Number(process.env.TRIALS ?? 3);

for (const [what, differences] of [['two copies of the package', {}], ['two configurations', { clockTolerance: 61 }]]) {
  test(`law 4: ${what} on one page send the code once`, async ({ app, page, site, providerLog }) => {
    for (let trial = 0; trial < TRIALS; trial += 1) {
      Object.assign(site.config, { vault: trial % 2 ? 'worker' : 'shared', restore: 'none' });
      await app.open();
      await app.isReady();
      await page.evaluate(() => { window.auth.login({ tenantName: 'acme' }); });
      site.spoil('callback', { type: 'text/html', body: '<!doctype html><title>Two</title><link rel="icon" href="data:,"><script type="module" src="/two.js"></script>' });
      site.spoil('two.js', { body: `
        const [one, two] = await Promise.all([import('/index.js'), import('/index.js?two')]);
        const { apiUrl, ...options } = await (await fetch('/config.json')).json();
        const started = await Promise.all([one.createAuth(options), two.createAuth({ ...options, ...${JSON.stringify(differences)} })]);
        window.outcome = started.map(({ state }) => state.status);` });
      if (trial === 0) await app.provider.signIn(ada);
      await page.waitForFunction(() => window.outcome);
      const outcome = await page.evaluate(() => window.outcome);
      assert.ok(outcome.includes('signed-in'), outcome.join());
      const sent = providerLog.tokenRequests().length;
      assert.equal(sent, trial + 1);
    }
  });
}
