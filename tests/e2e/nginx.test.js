// The demo on a real nginx, under a sub-path, with the configuration of docs/deploy.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { startProvider } from '../../demo/provider/src/provider.js';
import { browser } from './support/browser.js';
import { configOf } from './support/config.js';
import { Demo } from './support/demo.js';
import { eventually } from './support/eventually.js';
import { APPS } from './support/harness.js';
import { headersOf, rulesOf, withSources } from './support/headers.js';
import { NGINX, placeForDemo, startNginx } from './support/nginx.js';
import { ada } from './support/people.js';
import { watch } from './support/watch.js';
import { ProviderLog } from './support/provider_log.js';

const [FILES] = APPS.demo.folders;

describe('nginx', { skip: !NGINX && 'nginx is missing: `apt-get install nginx`, or set NGINX_PATH to its path' }, () => {
  let nginx;
  let provider;
  let site;
  let names;

  before(async () => {
    names = await readdir(FILES);
    site = await placeForDemo();
    provider = await startProvider({
      appOrigins: [site.origin], redirectUris: [site.url('callback')], loginUrl: site.url('login'), logoutUrls: [site.url()],
    });
    nginx = await startNginx({ files: FILES, site, provider, config: { ...configOf({ provider, site, plain: false }), vault: 'shared' } });
  });
  after(() => Promise.all([nginx?.close(), provider?.close()]));

  /** Requests without the automatic decoding of `fetch`: bodies stay as they were sent. */
  const ask = (page, headers = {}) => new Promise((resolve, reject) => {
    http.get(site.url(page), { headers }, async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode, headers: response.headers, length: Buffer.concat(chunks).length });
    }).on('error', reject);
  });

  const named = (start, end) => names.find((name) => name.startsWith(start) && name.endsWith(end));

  test('a login, a deep link, a reload and a logout', async () => {
    const context = await (await browser()).newContext();
    try {
      const watched = await watch(context);
      const demo = new Demo(await context.newPage(), site);
      const providerLog = new ProviderLog(provider, { plain: false });
      const { page } = demo;
      await demo.open();
      await demo.logIn(ada);
      assert.equal(demo.where(), '/some/app/');
      await demo.renew(1);
      assert.match(await demo.callApi(), /ada@acme\.example/);
      const reached = await demo.open('about');
      assert.equal(reached.status(), 200);
      await demo.isSignedIn(ada);
      await page.reload();
      await demo.isSignedIn(ada);
      await demo.isAt('/some/app/about');
      await demo['Log out'].click();
      await eventually('the logout', () => providerLog.requests('logout').length === 1);
      await demo['Log in'].waitFor();
      await demo.isSignedOut();
      assert.deepEqual(watched.unexpected([]), [], 'The browser logged errors.');
      assert.deepEqual(nginx.said, []);
    } finally {
      await context.close();
    }
  });

  test('every file has the headers from the build', async () => {
    const rules = await rulesOf(FILES);
    const others = names.filter((name) => !name.startsWith('_') && !name.startsWith('.') && !/\.(br|gz)$/.test(name));
    const connect = `'self' http://${provider.applicationVanityDomain} ${new URL(provider.api).origin}`;
    for (const name of ['', 'about', ...others]) {
      const { status, headers } = await ask(name);
      const built = { 'Cache-Control': 'no-cache', ...headersOf(rules, `/${name}`) };
      built['Content-Security-Policy'] = withSources(
        withSources(built['Content-Security-Policy'], 'connect-src', connect), 'worker-src', site.url('vault.js'));
      assert.equal(status, 200, name);
      for (const header of Object.keys(built)) assert.equal(headers[header.toLowerCase()], built[header], `${header} of ${name}`);
    }
  });

  test('a client that accepts compressed files gets them', async () => {
    for (const name of [named('app-', '.js'), named('app_bg-', '.wasm'), named('style-', '.css')]) {
      const [plain, gzip, brotli] = await Promise.all([ask(name), ask(name, { 'accept-encoding': 'gzip' }), ask(name, { 'accept-encoding': 'gzip, br' })]);
      assert.equal(plain.headers['content-encoding'], undefined, name);
      assert.equal(gzip.headers['content-encoding'], 'gzip', name);
      assert.ok(gzip.length < plain.length / 2, `${name}: ${gzip.length} of ${plain.length} bytes`);
      assert.equal(brotli.headers['content-encoding'], nginx.hasBrotli ? 'br' : 'gzip', name);
      if (nginx.hasBrotli) assert.ok(brotli.length < gzip.length, `${name}: ${brotli.length} of ${gzip.length} bytes`);
      for (const { headers } of [plain, gzip, brotli]) assert.equal(headers.vary, 'Accept-Encoding', name);
      assert.equal(new Set([plain, gzip, brotli].map(({ headers }) => headers['content-type'])).size, 1, name);
    }
    assert.equal((await ask(named('app_bg-', '.wasm'))).headers['content-type'], 'application/wasm');
  });

  test('a file of another build is a 404, and not the app', async () => {
    const { status, headers } = await ask('app-0123456789abcdef.js', { accept: 'text/html' });
    assert.deepEqual([status, headers['cache-control']], [404, undefined]);
  });

  test('the folder without its slash leads to the app', async () => {
    const { status, headers } = await ask('../app');
    assert.deepEqual([status, headers.location], [301, '/some/app/']);
  });
});
