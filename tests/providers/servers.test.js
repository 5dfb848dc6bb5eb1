// Real servers: each is installed where its registry can be reached, and a session is lived through in Chromium.
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { listen } from '../../demo/provider/src/listen.js';
import { inContext } from '../e2e/support/context.js';
import { live } from '../e2e/support/life.js';
import { checkRow } from '../e2e/support/provider_table.js';
import { startSite } from '../e2e/support/site.js';
import { checkBound } from './bound_tokens.js';
import { Missing } from './servers/process.mjs';

const NAMES = ['keycloak', 'hydra', 'django', 'canaille', 'glewlwyd', 'dex'];

/** How long a session with tokens of 30 seconds is watched. Longer by hand: `MINUTES=10`. */
const MINUTES = Number(process.env.MINUTES ?? 1);

const here = (folder) => path.join(import.meta.dirname, folder);

/** An API that takes every token which the provider's user info endpoint takes, and every token that comes with a proof of the key to which it is bound. */
async function startApi(origin, issuer) {
  const { userinfo_endpoint: userInfo } = await (await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)).json();
  const api = await listen(async (request, response) => {
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-allow-headers', 'authorization, dpop');
    if (request.method === 'OPTIONS') return response.writeHead(204).end();
    const { authorization = '' } = request.headers;
    const isBound = authorization.startsWith('DPoP ');
    const status = isBound ? await checkBound(request) : (await fetch(userInfo, { headers: { authorization } })).status;
    return response.writeHead(status).end('{}');
  }, 0);
  return { ...api, prefix: `http://localhost:${api.port}/v1/` };
}

/** Watches a session whose tokens expire again and again. Returns how many calls were answered. */
async function watch({ page, site }) {
  let calls = 0;
  for (const end = Date.now() + MINUTES * 60_000; Date.now() < end; calls += 1) {
    const status = await page.evaluate((url) => window.auth.fetch(url).then((response) => response.status, ({ code, message }) => `${code}: ${message}`), site.config.apiUrl);
    assert.equal(status, 200, `call ${calls}`);
    await pause(2_000);
  }
  const { status, renewals } = await page.evaluate(() => window.auth.state);
  assert.equal(status, 'signed-in');
  assert.ok(renewals >= MINUTES, `${renewals} renewals in ${MINUTES} minutes`);
}

/** The same with tokens that are bound to a key of the vault. At the end, an authorization request is pushed. */
async function withBoundTokens(world, { title }) {
  const { page, provider, site } = world;
  Object.assign(site.config, provider.bound, { vault: 'shared', dpop: 'required' });
  const seen = await live(world);
  await checkRow('servers', `${title}, with DPoP`, seen);
  assert.equal(await page.evaluate(() => window.auth.state.isBound), true);

  site.config.par = 'required';
  const references = [];
  page.on('request', (request) => references.push(new URL(request.url()).searchParams.get('request_uri')));
  await page.goto(site.url('?pushed'));
  // Other settings are another session, which is restored with a redirect first.
  await page.waitForFunction(() => window.auth?.state.status === 'signed-in');
  await page.evaluate(() => { window.auth.login({ prompt: 'login', returnTo: '/?again' }); });
  await provider.signIn(page);
  await page.waitForURL(/again/);
  await page.waitForFunction(() => window.auth.state.status === 'signed-in');
  assert.ok(references.some((reference) => reference?.startsWith('urn:')), 'The request was not pushed.');
}

async function withServer(module, work) {
  const site = await startSite({ folders: [here('../../pkg/dist'), here('../e2e/support/package')], host: 'localhost', base: '/' });
  const app = { origin: site.origin, redirectUri: site.url('callback'), postLogoutUrl: site.url() };
  let server;
  let api;
  try {
    server = await module.start({ app });
    api = await startApi(site.origin, server.settings.issuer);
    site.connectTo = [new URL(server.settings.issuer).origin, new URL(api.prefix).origin, ...(server.origins ?? [])];
    site.config = {
      ...server.settings, allowInsecureLoopback: true, apis: [api.prefix], apiUrl: `${api.prefix}me`, postLogoutUrl: app.postLogoutUrl,
      redirectUri: app.redirectUri, vault: 'shared',
    };
    site.callbackIss = server.settings.issuer;
    const visit = (task) => inContext({ within: (4 + MINUTES) * 60_000 }, async (context) => task({ context, page: await context.newPage(), provider: server, site }));
    await visit(work);
    if (server.bound) await visit((world) => withBoundTokens(world, module));
  } finally {
    await Promise.all([api?.close(), server?.stop(), site.close()]);
  }
}

const servers = await Promise.all(NAMES.map(async (name) => ({ module: await import(`./servers/${name}.mjs`) })));

// A session mostly waits: two fit on one core.
describe('a session, from the first login to the last', { concurrency: 2 }, () => {
  for (const { module } of servers) {
    test(`at ${module.title}`, async (run) => {
      try {
        await module.install();
      } catch (error) {
        if (error instanceof Missing) return run.skip(error.message);
        throw error;
      }
      return withServer(module, async (world) => {
        const seen = await live(world);
        await checkRow('servers', module.title, seen);
        assert.equal(seen['login again'], 'works');
        await watch(world);
      });
    });
  }
});
