// `auth.fetch`, in every vault location: what goes in, what comes out, and what is not sent.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before } from 'node:test';
import { startApi } from './support/api.js';
import { FACE, stage } from './support/harness.js';
import { ada } from './support/people.js';

const { test } = stage({ app: 'pkg' });
/** The Rust library reads a body to its end before it sends it. */
const testOfStreams = FACE === 'pkg' ? test : () => {};
const HOMES = ['shared', 'worker', 'page'];
const options = { trusts: true, announced: [/Failed to load resource/] };

let api;
before(async () => { api = await startApi('*'); });
after(() => api.close());

/** Signs in on a page with the vault in this location, and with the API listed. */
async function signedIn({ app, site }, vault) {
  api.reset();
  Object.assign(site.config, { vault, apis: [api.prefix] });
  site.connectTo.push(api.origin);
  await app.open();
  await app.logIn(ada);
}

/** Calls the echo API with the init that a function in the page makes, and returns what the API received. */
async function echo(page, make, address = `${api.prefix}echo`) {
  return page.evaluate(async ([source, url]) => {
    const response = await window.auth.fetch(...(await (0, eval)(source)(url)));
    return { ok: response.ok, answer: response.headers.get('x-answer'), url: response.url, ...(await response.json()) };
  }, [make.toString(), address]);
}

for (const vault of HOMES) {
  test(`bodies of every kind arrive, vault location: ${vault}`, options, async (world) => {
    await signedIn(world, vault);
    const { page } = world;
    const get = await echo(page, (url) => [`${url}?a=1`, { headers: { 'X-Own': 'mine' } }]);
    assert.deepEqual([get.method, get.path, get.headers['x-own'], get.hasToken, get.ok, get.answer], ['GET', '/echo?a=1', 'mine', true, true, 'read']);
    assert.equal(get.url, `${api.prefix}echo?a=1`);

    const kinds = {
      text: [(url) => [url, { method: 'POST', body: 'grün' }], /^text\/plain/, Buffer.from('grün').toString('latin1')],
      form: [(url) => [url, { method: 'POST', body: new URLSearchParams({ a: 'b c' }) }], /^application\/x-www-form-urlencoded/, 'a=b+c'],
      bytes: [(url) => [url, { method: 'PUT', body: new Uint8Array([0, 255, 1]) }], undefined, '\u0000\u00ff\u0001'],
      blob: [(url) => [url, { method: 'PATCH', body: new Blob(['x'], { type: 'image/png' }) }], /^image\/png$/, 'x'],
      json: [(url) => [url, { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } }], /^application\/json$/, '{}'],
      request: [(url) => [new Request(url, { method: 'DELETE', body: 'gone' })], /^text\/plain/, 'gone'],
      nothing: [(url) => [new URL(url), { method: 'POST' }], undefined, ''],
    };
    for (const [kind, [make, type, body]] of Object.entries(kinds)) {
      const sent = await echo(page, make);
      assert.equal(sent.body, body, kind);
      if (type) assert.match(sent.headers['content-type'], type, kind);
      else assert.equal(sent.headers['content-type'], undefined, kind);
      assert.ok(sent.hasToken, kind);
    }
    const form = await echo(page, (url) => {
      const data = new FormData();
      data.set('file', new File(['abc'], 'a.txt'));
      return [url, { method: 'POST', body: data }];
    });
    const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(form.headers['content-type'])[1];
    assert.ok(form.body.includes(`--${boundary}`) && form.body.includes('filename="a.txt"') && form.body.includes('abc'));
  });

  test(`statuses, empty bodies and redirects are passed on unchanged: ${vault}`, options, async (world) => {
    await signedIn(world, vault);
    const call = (path) => world.page.evaluate((url) => window.auth.fetch(url).then(
      async (response) => [response.status, response.body === null, await response.text()],
      ({ name, code }) => [name, code],
    ), `${api.prefix}${path}`);
    assert.deepEqual(await call('empty'), [204, true, '']);
    assert.deepEqual(await call('teapot'), [418, false, 'short and stout']);
    assert.deepEqual(await call('nothing-here'), [404, false, '']);
    assert.deepEqual(await call('redirect'), ['AuthError', 'api_redirected']);
    assert.deepEqual(await call('../v2/echo'), ['AuthError', 'address_not_listed']);
    assert.ok(!api.requests.some(({ path }) => path.includes('v2')));
  });

  test(`after a 401 the call is repeated once, with a new token and the same body: ${vault}`, options, async (world) => {
    await signedIn(world, vault);
    api.refusals = 1;
    const sent = await echo(world.page, (url) => [url, { method: 'POST', body: 'again' }]);
    assert.equal(sent.body, 'again');
    assert.equal(api.requests.length, 2);
    assert.notEqual(api.requests[0].headers.authorization, api.requests[1].headers.authorization);
    assert.equal(world.providerLog.tokenRequests('refresh_token').length, 1);
    // A new token is not renewed because an API refuses it: the API's response counts.
    api.refusals = 1;
    assert.equal(await world.page.evaluate((url) => window.auth.fetch(url).then(({ status }) => status), `${api.prefix}echo`), 401);
    assert.equal(api.requests.length, 3);
    assert.equal(world.providerLog.tokenRequests('refresh_token').length, 1);
  });

  test(`a response is streamed, and can be aborted: ${vault}`, options, async (world) => {
    await signedIn(world, vault);
    const { page } = world;
    const arrived = api.nextStream();
    await page.evaluate(async (url) => {
      window.stop = new AbortController();
      const response = await window.auth.fetch(url, { signal: window.stop.signal });
      window.reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    }, `${api.prefix}slow`);
    const stream = await arrived;
    for (const word of ['one', 'two', 'three']) {
      stream.write(word);
      assert.equal(await page.evaluate(async () => (await window.reader.read()).value), word);
    }
    const closed = once(stream, 'close');
    const outcome = await page.evaluate(() => {
      const read = window.reader.read().then(() => 'read', ({ name }) => name);
      window.stop.abort();
      return read;
    });
    assert.equal(outcome, 'AbortError');
    await closed;
  });

  test(`a short response arrives at once, can be aborted, and an incomplete one is an error: ${vault}`, options, async (world) => {
    await signedIn(world, vault);
    const { page } = world;
    const answer = (url, read) => page.evaluate(async ([address, source]) => {
      const stop = new AbortController();
      try {
        return await (0, eval)(source)(await window.auth.fetch(address, { signal: stop.signal }), stop);
      } catch (error) {
        return error.name === 'AuthError' ? error.code : error.name;
      }
    }, [url, read.toString()]);
    const short = async (read, work) => {
      const arrived = api.nextStream();
      const [outcome] = await Promise.all([answer(`${api.prefix}short`, read), arrived.then(work)]);
      return outcome;
    };
    const whole = (stream) => { stream.end('short'); };
    assert.equal(await short((response) => response.text(), whole), 'short');
    assert.equal(await short((response, stop) => { stop.abort(); return response.body.getReader().read(); }, whole), 'AbortError');
    assert.equal(await short((response) => response.text(), (stream) => { stream.write('sh'); stream.close(2); }), 'network');
  });

  test(`a call aborted before its response is cancelled at the API: ${vault}`, options, async (world) => {
    await signedIn(world, vault);
    const { page } = world;
    const early = await page.evaluate((url) => window.auth.fetch(url, { signal: AbortSignal.abort() }).then(() => 'sent', ({ name }) => name), `${api.prefix}never`);
    assert.equal(early, 'AbortError');
    const arrived = api.nextStream();
    await page.evaluate((url) => {
      window.stop = new AbortController();
      window.outcome = window.auth.fetch(url, { signal: window.stop.signal }).then(() => 'answered', (reason) => reason);
    }, `${api.prefix}never`);
    const stream = await arrived;
    const closed = once(stream, 'close');
    assert.equal(await page.evaluate(() => { window.stop.abort('enough'); return window.outcome; }), 'enough');
    await closed;
    assert.equal(api.requests.length, 1);
  });

  testOfStreams(`a body is sent as it is made, and not twice: ${vault}`, options, async (world) => {
    await signedIn(world, vault);
    const { page } = world;
    let hear;
    const heard = () => new Promise((resolve) => { hear = resolve; });
    api.heard = (chunk) => hear(chunk.toString());
    const first = heard();
    await page.evaluate((url) => {
      const { readable, writable } = new TransformStream();
      window.writer = writable.getWriter();
      window.answer = window.auth.fetch(url, { method: 'POST', body: readable.pipeThrough(new TextEncoderStream()), duplex: 'half' })
        .then(async (response) => (await response.json()).body, String);
      window.writer.write('one');
    }, `${api.prefix}echo`);
    assert.equal(await first, 'one');
    const second = heard();
    await page.evaluate(() => { window.writer.write('two'); });
    assert.equal(await second, 'two');
    assert.equal(await page.evaluate(() => { window.writer.close(); return window.answer; }), 'onetwo');
    // A consumed body cannot be sent again: the refusal is passed on.
    api.refusals = 1;
    const status = await page.evaluate((url) => {
      const body = new Blob(['x']).stream();
      return window.auth.fetch(url, { method: 'POST', body, duplex: 'half' }).then((response) => response.status, String);
    }, `${api.prefix}echo`);
    assert.equal(status, 401);
    assert.equal(api.requests.length, 2);
  });
}
