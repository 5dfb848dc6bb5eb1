// What a proof of possession (DPoP) costs: calls of an API with bound tokens, and the same calls with bearer tokens, in turn. Prints medians in
// milliseconds. The API checks nothing: what a server needs to check a proof is not the library's.
import http from 'node:http';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { startProvider } from '../../demo/provider/src/provider.js';
import { App } from '../../tests/e2e/support/app.js';
import { configOf } from '../../tests/e2e/support/config.js';
import { ada } from '../../tests/e2e/support/people.js';
import { startSite } from '../../tests/e2e/support/site.js';
import { overPartner, spread } from '../statistics.mjs';

const { values } = parseArgs({ options: { quick: { type: 'boolean' } }, strict: false });
const CALLS = values.quick ? 20 : 1000;

const here = (folder) => path.join(import.meta.dirname, folder);

/** An API that answers at once, and keeps its connections. */
async function startApi(origin) {
  const server = http.createServer((request, response) => {
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-allow-headers', 'authorization, dpop');
    response.setHeader('access-control-max-age', '600');
    response.writeHead(request.method === 'OPTIONS' ? 204 : 200).end();
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { prefix: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

/** How long one call takes, in the page. */
const time = async (url) => {
  const start = performance.now();
  await window.auth.fetch(url);
  return performance.now() - start;
};

/** A tab with these settings. The second one restores the session of the first at the provider. */
async function signedIn(context, site, settings) {
  Object.assign(site.config, settings);
  const app = new App(await context.newPage(), site);
  await app.open();
  if (settings.dpop === 'off') {
    await app.leave({});
    await app.provider.signIn(ada);
  }
  const { isBound } = await app.is('signed-in');
  if (isBound !== (settings.dpop === 'required')) throw new Error(`The tokens are ${isBound ? '' : 'not '}bound.`);
  return app;
}

async function measure({ api, context, site }, vault) {
  const tabs = {
    bearer: await signedIn(context, site, { vault, dpop: 'off', apis: [api.prefix] }),
    bound: await signedIn(context, site, { vault, dpop: 'required' }),
  };
  const times = { bearer: [], bound: [] };
  for (let call = 0; call < CALLS; call += 1) {
    for (const [name, { page }] of Object.entries(tabs)) times[name].push(await page.evaluate(time, `${api.prefix}me`));
  }
  return times;
}

const site = await startSite({ folders: [here('../../pkg/dist'), here('../../tests/e2e/support/package')], host: 'localhost', base: '/' });
const provider = await startProvider({ plain: true, appOrigins: [site.origin], redirectUris: [site.url('callback')], logoutUrls: [site.url()], settings: { dpop: 'optional' } });
const api = await startApi(site.origin);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
try {
  site.connectTo = [`http://localhost:${provider.port}`, api.prefix.slice(0, -1)];
  console.log(`| vault | bearer | bound | the proof |\n|---|--:|--:|--:|`);
  for (const vault of ['shared', 'worker']) {
    site.config = configOf({ provider, site, plain: true });
    const context = await browser.newContext();
    const { bearer, bound } = await measure({ api, context, site }, vault);
    await context.close();
    const [one, other] = [bearer, bound].map((all) => spread(all).median.toFixed(2));
    console.log(`| ${vault} | ${one} ms | ${other} ms | ${overPartner(bound, bearer).toFixed(2)} ms |`);
  }
} finally {
  await Promise.all([browser.close(), provider.close(), site.close(), api.close()]);
}
process.exit();
