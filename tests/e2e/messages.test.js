// Random messages, some of them almost valid: no vault dies of them, and none hands out a token.
import assert from 'node:assert/strict';
import { stage } from './support/harness.js';
import { infectAll, installPort, lootOf } from './support/hostile.js';
import { ada } from './support/people.js';
import { secretsOf, sightings } from './support/secrets.js';

const { test } = stage({ app: 'pkg' });
const SEED = Number(process.env.SEED ?? 1);
const MESSAGES = Number(process.env.MESSAGES ?? 2_000);

/** Runs in the page: sends as many messages as requested, and returns how many there were and how many answers came. */
async function sendAtRandom({ port, seed, count, api }) {
  let state = seed;
  const chance = (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const one = (list) => list[chance(list.length)];
  const TEXTS = ['', 'open', 'fetch', 'login', 'hello', 'tick', 'GET', 'acme', '__proto__', 'constructor', '\ud800', 'x'.repeat(5_000), api, location.href, 'https://evil.example/', 'javascript:0'];
  const NUMBERS = [0, -0, -1, 1.5, 2 ** 31, 2 ** 32, 2 ** 53, NaN, Infinity, 1e308];
  const THINGS = [null, undefined, true, false, 10n, new Date(NaN), new Map([['call', 'login']]), new Set(), new Error('e'), /x/, new Blob(['b']), new ArrayBuffer(8), new Uint8Array(3), [], {}];
  const value = (depth) => {
    switch (chance(depth > 3 ? 3 : 5)) {
      case 0: return one(TEXTS);
      case 1: return one(NUMBERS);
      case 2: return one(THINGS);
      case 3: return Array.from({ length: chance(4) }, () => value(depth + 1));
      default: return Object.fromEntries(Array.from({ length: chance(4) }, () => [one(NAMES), value(depth + 1)]));
    }
  };
  const NAMES = ['call', 'event', 'id', 'options', 'url', 'init', 'lock', 'online', 'method', 'headers', 'body', 'signal', 'mode', 'tenantName', 'returnTo', 'prompt', 'maxAge', '__proto__', 'length', ''];
  // It contains nothing that would end the session, or send more requests than the rate limit allows.
  const RIGHT = [
    () => ({ call: 'fetch', id: 1, url: api, init: { method: 'GET', headers: [] } }),
    () => ({ call: 'login', id: 1, url: location.href, options: { tenantName: 'acme', returnTo: '/' } }),
    () => ({ call: 'accessToken', id: 1 }),
    () => ({ event: 'tick', online: true }),
    () => ({ event: 'abort', id: 1 }),
    () => ({ event: 'replaced' }),
  ];
  const spoil = (message) => {
    const name = one([...Object.keys(message), ...NAMES]);
    if (chance(4) === 0) delete message[name];
    else if (Object.hasOwn(message, name) && message[name]?.constructor === Object && chance(2)) spoil(message[name]);
    else Object.defineProperty(message, name, { value: value(0), configurable: true, enumerable: true, writable: true });
  };
  let sent = 0;
  while (sent < count) {
    const message = chance(10) ? one(RIGHT)() : value(0);
    if (message?.constructor === Object) for (let times = chance(3); times >= 0; times -= 1) spoil(message);
    // The device stays online, whatever was drawn.
    if (message?.online !== undefined) message.online = 'perhaps';
    try {
      port.postMessage(message);
      sent += 1;
    } catch (error) {
      // What cannot be cloned is not sent.
      if (error.name !== 'DataCloneError') throw error;
    }
  }
  return sent;
}

for (const vault of ['shared', 'worker']) {
  test(`law 10: random messages neither end the vault nor get a token out of it, vault location: ${vault}`, async (world) => {
    const { app, context, control, page, site } = world;
    site.config.vault = vault;
    await infectAll(context);
    await app.open();
    await app.logIn(ada);
    await page.evaluate(installPort);
    const own = await page.evaluateHandle(() => window.openPort({}));
    const port = await own.evaluateHandle(({ port }) => port);
    const settings = { seed: SEED, count: MESSAGES, api: await page.evaluate(() => window.apiUrl) };
    assert.equal(await page.evaluate(sendAtRandom, { ...settings, port }), MESSAGES);
    // The vault has received all of them once it answers the message after them.
    await own.evaluate((hostile) => hostile.say({ event: 'tick' }).then(() => {}));
    assert.deepEqual(await app.callApi(2), [200, 200]);
    assert.equal((await app.state()).status, 'signed-in');
    assert.deepEqual(sightings(secretsOf(control), await lootOf(page)), []);
  });
}
