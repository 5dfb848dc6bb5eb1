// Interference from outside the library, in every engine.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before } from 'node:test';
import { listen } from '../../demo/provider/src/listen.js';
import { eventually } from '../e2e/support/eventually.js';
import { ada } from '../e2e/support/people.js';
import { takeWorkerName } from '../e2e/support/squatter.js';
import { stage } from './support/harness.js';

const { test } = stage();

/** The API calls that have started and not ended, and all bodies that the API received. */
const open = new Set();
const bodies = [];
let api;

before(async () => {
  api = await listen(async (req, res) => {
    const head = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'authorization, content-type', 'access-control-allow-methods': '*' };
    if (req.method === 'OPTIONS') {
      res.writeHead(204, head).end();
      return;
    }
    open.add(res);
    res.on('close', () => open.delete(res));
    let body = '';
    for await (const chunk of req) body += chunk;
    if (body) bodies.push(body);
    res.writeHead(200, { ...head, 'content-type': 'text/plain' });
    // An endless stream.
    if (req.url === '/v1/stream') res.write('one');
    else res.end('all');
  }, 0);
});
after(() => {
  for (const response of open) response.destroy();
  return api.close();
});

/** Lets the app call the API, and signs in. */
async function signedIn({ app, site }) {
  const origin = `http://localhost:${api.port}`;
  Object.assign(site.config, { vault: 'shared', apis: [`${origin}/v1/`] });
  site.connectTo.push(origin);
  await app.open();
  await app.logIn(ada);
  return `${origin}/v1/`;
}

const FILES = { 'vault.js': '../../pkg/dist/vault.js', 'page.js': '../e2e/support/package/page.js' };

/** Runs a function before a script, in its thread. */
async function runBefore(site, file, work) {
  const script = await readFile(new URL(FILES[file], import.meta.url), 'utf8');
  site.spoil(file, { body: `(${work})();\n${script}` });
}

const refuseLocks = () => {
  Object.getPrototypeOf(navigator.locks).request = async () => { throw new DOMException('The request was denied.', 'SecurityError'); };
};

test('law 11: a user can sign in if Web Locks are refused', async ({ app, page, site }) => {
  site.config.vault = 'shared';
  await runBefore(site, 'vault.js', refuseLocks);
  await runBefore(site, 'page.js', refuseLocks);
  await app.open();
  await app.is('signed-out');
  assert.equal((await app.logIn(ada)).vault, 'shared');
  assert.equal(await page.evaluate(() => window.auth.renew().then(() => 'renewed', ({ code }) => code)), 'renewed');
});

test('law 11: if the storage never answers, the login fails with that error', async ({ app, page, site }) => {
  site.config.vault = 'shared';
  await runBefore(site, 'vault.js', () => { indexedDB.constructor.prototype.open = () => new EventTarget(); });
  await app.open();
  await app.is('signed-out');
  assert.equal(await page.evaluate(() => window.auth.login({ tenantName: 'acme' }).then(() => 'left', ({ code }) => code)), 'storage_unavailable');
});

test('law 11: a response ends at the API when its tab is closed', async (world) => {
  const url = await signedIn(world);
  const other = await world.newApp();
  await other.open();
  await other.is('signed-in');
  await other.page.evaluate((api) => window.auth.fetch(`${api}stream`).then((response) => { window.response = response; }), url);
  await eventually('the stream', () => open.size === 1);
  await other.page.close();
  await eventually('its end', () => open.size === 0);
});

test('a call with keepalive outlives its page, or is refused', async (world) => {
  const url = await signedIn(world);
  const { app, page, site } = world;
  const words = `the last words of ${world.engine}`;
  // Elsewhere a shared worker ends with its last page.
  if (world.engine !== 'chromium') {
    assert.equal(await page.evaluate((api) => window.auth.fetch(api, { keepalive: true }).catch(({ code }) => code), url), 'config_invalid');
    return;
  }
  await page.evaluate((api, body) => {
    addEventListener('pagehide', () => { window.auth.fetch(`${api}words`, { method: 'POST', body, keepalive: true }); });
  }, url, words);
  await page.open(site.blank);
  await eventually('the last words', () => bodies.includes(words));
  await app.open();
});

test('law 12: another worker with the vault’s name does not cause a weaker location', { announced: [/./] }, async ({ app, site }) => {
  site.config.vault = 'auto';
  await runBefore(site, 'page.js', takeWorkerName);
  await app.open();
  const { vault, vaultFallback } = await app.logIn(ada);
  assert.deepEqual([vault, vaultFallback], ['shared', null]);
});

test('a user can log in if the browser wrongly reports offline', async ({ app, site }) => {
  site.config.vault = 'shared';
  await runBefore(site, 'page.js', () => { Object.defineProperty(navigator, 'onLine', { get: () => false }); });
  await app.open();
  await app.logIn(ada);
});
