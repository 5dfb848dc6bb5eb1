// Wristband's official SDK for FastAPI against the local provider: what the SDK accepts here, Wristband can be expected to send.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { startProvider } from '../../demo/provider/src/provider.js';
import { Browser, send } from '../../demo/provider/test/browser.js';
import { eventually } from '../e2e/support/eventually.js';

const { PYTHON } = process.env;
const here = (file) => path.join(import.meta.dirname, file);

let folder;
let origin;
let provider;
let server;

async function freePort() {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Starts the app, and waits until it accepts connections. */
async function startApp(port) {
  const env = { ...process.env, SSL_CERT_FILE: path.join(folder, 'cert.pem') };
  server = spawn(PYTHON, [here('fastapi_app.py'), provider.applicationVanityDomain, provider.clientId, String(port)], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  await eventually('the app', async () => (await send(`${origin}/`)).status === 200);
}

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sdk-'));
  execFileSync(PYTHON, [here('certificate.py'), folder]);
  const port = await freePort();
  origin = `http://localhost:${port}`;
  provider = await startProvider({
    appOrigins: [origin],
    redirectUris: [`${origin}/auth/callback`],
    loginUrl: `${origin}/auth/login`,
    tls: { key: readFileSync(path.join(folder, 'key.pem')), cert: readFileSync(path.join(folder, 'cert.pem')) },
  });
  await startApp(port);
});

after(async () => {
  if (server?.exitCode === null) {
    server.kill();
    await once(server, 'exit');
  }
  await provider?.close();
  if (folder) rmSync(folder, { recursive: true });
});

beforeEach(() => provider.control.reset());

/** Follows all redirects. Returns the last page, with the URLs on the way to it. */
async function follow(browser, url) {
  const way = [];
  let page = await browser.open(url);
  while (page.location) {
    assert.ok(way.length < 20, `a loop: ${way.slice(-4).join(' ')}`);
    way.push(page.location.href);
    page = await browser.open(page.location.href);
  }
  return Object.assign(page, { way });
}

/** Fills in the login page, and follows the redirects after it. */
async function submit(browser, page, password = 'lovelace') {
  assert.match(page.text, /Sign in to Acme/);
  const { location } = await browser.submit(page, { email: 'ada@acme.example', password });
  return follow(browser, location.href);
}

async function signIn(browser = new Browser()) {
  const page = await follow(browser, `${origin}/auth/login?tenant_name=acme`);
  assert.equal((await submit(browser, page)).url, `${origin}/`);
  return browser;
}

const sessionOf = async (browser) => (await browser.open(`${origin}/session`)).json;
const isSignedIn = async (browser) => (await sessionOf(browser)).email === 'ada@acme.example';
const log = (endpoint) => provider.control.log().filter((entry) => entry.endpoint === endpoint);
/** The number of authorization requests: a login page repeats one. */
const logins = () => new Set(log('authorize').map(({ query }) => query.state).filter(Boolean)).size;

describe('the official SDK for FastAPI', () => {
  it('configures itself and signs in', async () => {
    const { email, tenant_name: tenantName, user_id: userId } = await sessionOf(await signIn());
    assert.deepEqual({ email, tenantName }, { email: 'ada@acme.example', tenantName: 'acme' });
    assert.ok(userId);
    const [{ query }] = log('authorize');
    assert.equal(query.code_challenge_method, 'S256');
    assert.equal(query.redirect_uri, `${origin}/auth/callback`);
  });

  it('finds the tenant at the login page of the application, and keeps the return URL', async () => {
    const browser = new Browser();
    const page = await follow(browser, `${origin}/auth/login?return_url=${encodeURIComponent(`${origin}/?from=here`)}`);
    const { location } = await browser.submit(page, { tenant_name: 'acme' });
    assert.equal(location.origin + location.pathname, `${origin}/auth/login`);
    const done = await submit(browser, await follow(browser, location.href));
    assert.equal(new URL(done.url).origin, origin);
    assert.ok(await isSignedIn(browser));
  });

  it('accepts the access token as an API does', async () => {
    const { access_token: token, user_id: sub } = await sessionOf(await signIn());
    const answer = await send(`${origin}/api`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 200);
    assert.equal(answer.json.sub, sub);
    const forged = await send(`${origin}/api`, { headers: { authorization: `Bearer ${token.slice(0, -6)}AAAAAA` } });
    assert.equal(forged.status, 401);
  });

  it('renews its tokens, twice in a row', async () => {
    const browser = await signIn();
    const tokens = [await sessionOf(browser)];
    for (let count = 0; count < 2; count += 1) {
      await browser.open(`${origin}/expire`);
      tokens.push(await sessionOf(browser));
    }
    assert.equal(new Set(tokens.map((session) => session.access_token)).size, 3);
    assert.equal(log('token').filter(({ form, status }) => form.grant_type === 'refresh_token' && status === 200).length, 2);
  });

  it('starts again when a callback was not its own', async () => {
    const first = new Browser();
    const page = await follow(first, `${origin}/auth/login?tenant_name=acme`);
    const { location } = await first.submit(page, { email: 'ada@acme.example', password: 'lovelace' });
    const other = new Browser();
    const again = await follow(other, location.href);
    assert.match(again.way[0], /\/auth\/login\?tenant_name=acme$/);
    assert.equal((await submit(other, again)).url, `${origin}/`);
    assert.ok(await isSignedIn(other));
  });

  it('starts again on login_required', async () => {
    provider.control.addFault({ endpoint: 'authorize', redirect: { code: null, error: 'login_required' } });
    const browser = new Browser();
    const page = await follow(browser, `${origin}/auth/login?tenant_name=acme`);
    const done = page.url.startsWith(origin) ? page : await submit(browser, page);
    assert.equal(done.url, `${origin}/`);
    assert.ok(await isSignedIn(browser));
    assert.equal(logins(), 2);
  });

  it('starts again when its code is refused', async () => {
    provider.control.addFault({ endpoint: 'token', status: 400, body: { error: 'invalid_grant' } });
    const browser = await signIn();
    assert.ok(await isSignedIn(browser));
    assert.equal(logins(), 2);
    assert.equal(log('token').length, 2);
  });

  it('ends its session when a renewal is refused', async () => {
    const browser = await signIn();
    const { refresh_token: refreshToken } = await sessionOf(browser);
    const application = `https://${provider.applicationVanityDomain}/api/v1/oauth2/revoke`;
    assert.equal((await send(application, { method: 'POST', form: { client_id: provider.clientId, token: refreshToken } })).status, 200);
    await browser.open(`${origin}/expire`);
    assert.equal((await browser.open(`${origin}/session`)).status, 401);
  });

  it('logs out: its refresh token is revoked, and the provider asks for the password again', async () => {
    const browser = await signIn();
    const { refresh_token: refreshToken } = await sessionOf(browser);
    await follow(browser, `${origin}/auth/logout`);
    assert.equal(log('revoke')[0].form.token, refreshToken);
    assert.equal((await browser.open(`${origin}/session`)).status, 401);
    const page = await follow(browser, `${origin}/auth/login?tenant_name=acme`);
    assert.equal((await submit(browser, page)).url, `${origin}/`);
  });
});
