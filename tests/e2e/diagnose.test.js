// What `diagnose` finds out about set-ups that are broken in one place each: the cause is named, and no other check fails.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe } from 'node:test';
import { listen } from '../../demo/provider/src/listen.js';
import { diagnose, failures, unknowns } from './support/diagnose.js';
import { APPS, stage } from './support/harness.js';
import { ada } from './support/people.js';
import { strictHeaders } from './support/policies.js';

/** The checks that cannot be made without the provider's metadata. */
const NEEDS_METADATA = ['issuer', 'endpoints', 'keys', 'token-endpoint', 'scopes', 'pkce'];

/** The checks that cannot be made without the files of the vault. */
const NEEDS_FILES = ['settings', 'shared-worker', 'worker'];

/** What servers refuse, and what the browser blocks, is written to the console: that is part of a set-up that is broken. */
const announced = [/^console: /, /^policy: /];

const packageFile = (name) => readFile(`${APPS.pkg.folders[0]}/${name}`);

/** Replaces a directive of the policy of some files, or adds it. */
function changePolicy(site, names, directive, sources) {
  site.headers = (name) => {
    if (!names.includes(name)) return {};
    const others = site.policy(name).split('; ').filter((text) => !text.startsWith(`${directive} `));
    return { 'Content-Security-Policy': [...others, `${directive} ${sources}`].join('; ') };
  };
}

const PAGE = { type: 'text/html; charset=utf-8', body: '<!doctype html><title>The app</title>' };

/** A port on which nothing listens. */
async function closedPort() {
  const { port, close } = await listen(() => {}, 0);
  await close();
  return port;
}

/**
 * Set-ups that are broken in one place: `spoil` breaks it, and returns changes of the options; `failing` are the checks that have to fail, the
 * first with `cause`; `unknown` are those that cannot be made then.
 */
const VAULT = {
  'the host answers vault.js with index.html': {
    spoil: ({ site }) => site.spoil('vault.js', PAGE),
    failing: ['vault-script'], cause: /vault\.js was answered with status 200 and type text\/html.*the file is not there/,
    unknown: [...NEEDS_FILES, 'vault-module'],
  },
  'there is no vault.js': {
    spoil: ({ site }) => site.spoil('vault.js', { status: 404, type: 'text/plain' }),
    failing: ['vault-script'], cause: /vault\.js was answered with status 404/, unknown: [...NEEDS_FILES, 'vault-module'],
  },
  'vault.js is empty': {
    spoil: ({ site }) => site.spoil('vault.js', { type: 'text/javascript', body: '' }),
    failing: ['vault-script'], cause: /vault\.js is empty/, unknown: [...NEEDS_FILES, 'vault-module'],
  },
  'vault.js is served with a type that browsers do not run': {
    spoil: async ({ site }) => site.spoil('vault.js', { type: 'application/octet-stream', body: await packageFile('vault.js') }),
    failing: ['vault-script'], cause: /type application\/octet-stream; browsers run only JavaScript/, unknown: [...NEEDS_FILES, 'vault-module'],
  },
  'vault.js is on a CDN': {
    spoil: () => ({ workerUrl: 'https://cdn.example/vault.js' }),
    failing: ['vault-script'], cause: /on another origin, https:\/\/cdn\.example/, unknown: [...NEEDS_FILES, 'vault-module', 'vault-policy'],
  },
  'a bundler inlined vault.js': {
    spoil: () => ({ workerUrl: 'data:text/javascript,0' }),
    failing: ['vault-script'], cause: /inlined vault\.js/, unknown: [...NEEDS_FILES, 'vault-module', 'vault-policy'],
  },
  'the host answers vault.wasm with index.html': {
    spoil: ({ site }) => site.spoil('vault.wasm', PAGE),
    failing: ['vault-module'], cause: /vault\.wasm was answered with status 200 and type text\/html/, unknown: NEEDS_FILES,
  },
  'vault.wasm is of another version': {
    spoil: async ({ site }) => site.spoil('vault.wasm', { body: Buffer.concat([await packageFile('vault.wasm'), Buffer.from([0, 1, 0])]) }),
    failing: ['vault-module'], cause: /not the module that vault\.js was built with/, unknown: NEEDS_FILES,
  },
  'vault.js is of another version': {
    async spoil({ site }) {
      site.spoil('vault.js', { body: (await packageFile('vault.js')).toString().replace(/"\d+\.\d+\.\d+"/, '"0.0.9"') });
    },
    failing: ['shared-worker', 'worker'], cause: /vault\.js has version 0\.0\.9, and the app's bundle \d/, unknown: ['settings'],
  },
  "the document's policy allows no worker": {
    spoil: ({ site }) => changePolicy(site, ['blank.html'], 'worker-src', "'none'"),
    failing: ['shared-worker', 'worker'], cause: /the document's Content-Security-Policy does not allow it \(worker-src\)/, unknown: ['settings'],
  },
  'Trusted Types are required, but not allowed for the library': {
    spoil: ({ site }) => changePolicy(site, ['blank.html'], 'require-trusted-types-for', "'script'; trusted-types other"),
    failing: ['shared-worker', 'worker'], cause: /Trusted Types refuse the worker's URL/, unknown: ['settings'],
  },
  "the worker's policy allows no WebAssembly": {
    spoil: ({ site }) => changePolicy(site, ['vault.js'], 'script-src', "'self'"),
    failing: ['vault-policy'], cause: /of vault\.js does not let the worker compile WebAssembly/, unknown: NEEDS_FILES,
  },
  "the worker's policy does not allow the provider": {
    spoil: ({ site }) => changePolicy(site, ['vault.js'], 'connect-src', `'self' ${site.connectTo[1]}`),
    failing: ['vault-policy'], cause: /does not let the worker connect to http:\/\/invotastic\.localhost:\d+$/,
  },
  "the document's policy does not allow the provider, and the vault has to run in the page": {
    spoil({ site }) {
      changePolicy(site, ['blank.html', 'vault.js'], 'connect-src', `'self' ${site.connectTo[1]}`);
      return { vault: 'page' };
    },
    failing: ['keys', 'token-endpoint'], cause: /the document's Content-Security-Policy blocks it \(connect-src\)/, unknown: ['discovery', 'issuer', 'application'],
  },
  "the document's policy allows the page no request, not even to its own host": {
    spoil: ({ site }) => changePolicy(site, ['blank.html'], 'connect-src', "'none'"),
    failing: [],
    unknown: ['vault-script', 'vault-policy', 'discovery', 'issuer', 'keys', 'token-endpoint', 'clock', 'application', 'redirect-uri', 'api', 'logout'],
  },
  "the document's policy allows no WebAssembly, and the vault has to run in the page": {
    spoil({ site }) {
      changePolicy(site, ['blank.html'], 'script-src', "'self'");
      return { vault: 'page' };
    },
    failing: ['vault-in-page'], cause: /the document's Content-Security-Policy does not allow it \(script-src\)/, unknown: ['settings'],
  },
};

/** Changes what the browser offers a page, before anything runs in it. */
const inPage = (change) => async ({ page }) => { await page.addInitScript(change); };

const BROWSER = {
  'site data is blocked': {
    spoil: inPage(() => {
      indexedDB.open = () => { throw new DOMException('The user denied permission to access the database.', 'SecurityError'); };
    }),
    failing: ['storage'], cause: /SecurityError: The user denied permission/,
  },
  'IndexedDB never answers': {
    spoil: inPage(() => { indexedDB.open = () => ({}); }),
    failing: ['storage'], cause: /IndexedDB did not answer/,
  },
  'the browser has no Web Locks': {
    spoil: inPage(() => { delete Navigator.prototype.locks; }),
    failing: ['locks', 'shared-worker'], cause: /no Web Locks/,
  },
  'the browser has no SharedWorker': {
    spoil: inPage(() => { delete window.SharedWorker; }),
    failing: ['shared-worker'], cause: /the browser has no SharedWorker/,
  },
  'the page was loaded over http, by the name of the machine': {
    spoil: inPage(() => { Object.defineProperty(window, 'isSecureContext', { value: false }); }),
    failing: ['secure-context'], cause: /is not a secure context/,
  },
  'the clock of the device is wrong': {
    spoil({ site }) { site.clockShift = 600; },
    failing: ['clock'], cause: /(599|600|601) s behind that of .*60 s are allowed/,
  },
  'the host shows no clock': {
    spoil({ site }) { site.clockShift = null; },
    failing: [], unknown: ['clock'],
  },
};

const APP = {
  'redirectUri names the other loopback host': {
    spoil: ({ site }) => ({ redirectUri: site.url('callback').replace('localhost', '127.0.0.1') }),
    failing: ['redirect-uri', 'application'], cause: /127\.0\.0\.1 and localhost are two origins, although both are this machine/,
  },
  'redirectUri has another port': {
    spoil: ({ provider, site }) => ({ redirectUri: `http://localhost:${provider.port}/callback`, loginUrl: site.url('login') }),
    failing: ['redirect-uri', 'application'], cause: /the ports differ/,
  },
  'redirectUri has https, and the page http': {
    spoil: ({ site }) => ({ redirectUri: site.url('callback').replace('http:', 'https:') }),
    failing: ['redirect-uri', 'application'], cause: /one is https:\/\/, the other http:\/\//,
  },
  'redirectUri has a slash that is not registered': {
    spoil: ({ site }) => ({ redirectUri: site.url('callback/') }),
    failing: ['application'], cause: /redirectUri is \S+\/callback\/ here and \S+\/callback there/,
  },
  'the host does not have the path of the callback': {
    spoil: ({ site }) => site.spoil('callback', { status: 404, type: 'text/plain' }),
    failing: ['redirect-uri'], cause: /answers http:\S+\/callback with status 404/,
  },
  'the host has the callback saved as a file': {
    spoil: ({ site }) => site.spoil('callback', { ...PAGE, type: 'application/octet-stream' }),
    failing: ['redirect-uri'], cause: /answers http:\S+\/callback with status 200 and type application\/octet-stream/,
  },
  'the host redirects the callback and drops the query': {
    spoil({ site }) {
      site.spoil('callback', { status: 301, type: 'text/plain' });
      site.headers = (name) => (name === 'callback' ? { Location: site.url('callback/') } : {});
    },
    failing: ['redirect-uri'], cause: /drops the query/,
  },
  'postLogoutUrl is of the other loopback host': {
    spoil: ({ site }) => ({ postLogoutUrl: site.url().replace('localhost', '127.0.0.1') }),
    failing: ['logout'], cause: /postLogoutUrl is at http:\/\/127\.0\.0\.1/,
  },
  'a setting is misspelt': {
    spoil: () => ({ clockTollerance: 5 }),
    failing: ['settings'], cause: /clockTollerance/,
  },
  'redirectUri is a path': {
    spoil: () => ({ redirectUri: '/callback' }),
    failing: ['settings', 'redirect-uri', 'application'], cause: /redirectUri: an absolute https URL/,
  },
  'openid is missing': {
    spoil: () => ({ scopes: ['email'] }),
    failing: ['settings', 'scopes'], cause: /scopes: a list that contains "openid"/,
  },
};

const WRISTBAND = {
  'the client is unknown': {
    spoil: () => ({ clientId: 'nobody' }),
    failing: ['token-endpoint', 'application'], cause: /refuses the client nobody \(invalid_client/,
  },
  'an active custom domain has changed the issuer': {
    spoil: ({ control }) => { control.patchSettings({ issuer: 'http://auth.localhost:4400' }); },
    failing: ['issuer'], cause: /calls itself http:\/\/auth\.localhost:4400, but the application vanity domain stands for http:\/\/invotastic/,
  },
  'the domain is that of a tenant': {
    spoil: ({ site }) => ({ applicationVanityDomain: `acme-${site.config.applicationVanityDomain}` }),
    failing: ['discovery', 'application'], cause: /this is no application vanity domain/, unknown: NEEDS_METADATA,
  },
  'the application does not allow its configuration to be read': {
    spoil: ({ control }) => { control.addFault({ endpoint: 'sdk', cors: 'blocked', times: 9 }); },
    failing: [], unknown: ['application'],
  },
};

const API = {
  'the API does not allow this origin': {
    spoil: ({ control }) => { control.addFault({ endpoint: 'api', cors: 'blocked', times: 9 }); },
    failing: ['api'], cause: /can be reached, but does not let http:\/\/localhost:\d+ read its answer \(CORS\)/,
  },
  "the API's preflight does not allow the token": {
    async spoil({ site, after }) {
      const api = await listen((_req, res) => res.writeHead(200, { 'Access-Control-Allow-Origin': site.origin }).end('{}'), 0);
      after(api.close);
      site.connectTo.push(`http://localhost:${api.port}`);
      return { apis: [`http://localhost:${api.port}/`] };
    },
    failing: ['api'], cause: /its preflight does not allow the header Authorization/,
  },
  'the API redirects to a login page': {
    async spoil({ site, after }) {
      const cors = { 'Access-Control-Allow-Origin': site.origin, 'Access-Control-Allow-Headers': 'authorization' };
      const api = await listen((req, res) => res.writeHead(req.method === 'OPTIONS' ? 204 : 302, { ...cors, Location: '/login' }).end(), 0);
      after(api.close);
      site.connectTo.push(`http://localhost:${api.port}`);
      return { apis: [`http://localhost:${api.port}/v1/`] };
    },
    failing: ['api'], cause: /answers with a redirect/,
  },
  'the API does not run': {
    async spoil({ site }) {
      const origin = `http://localhost:${await closedPort()}`;
      site.connectTo.push(origin);
      return { apis: [`${origin}/v1/`] };
    },
    failing: ['api'], cause: /cannot be reached/,
  },
  'the development server has no proxy for the API': {
    spoil({ site }) {
      site.spoil('api/', PAGE);
      return { apis: [site.url('api/')] };
    },
    failing: ['api'], cause: /was answered with the app's own page/,
  },
};

const discovery = (fault) => ({ control }) => { control.addFault({ endpoint: 'discovery', times: 9, ...fault }); };

const OPENID = {
  'the provider does not run': {
    async spoil({ site }) {
      const issuer = `http://localhost:${await closedPort()}`;
      site.connectTo.push(issuer);
      return { issuer };
    },
    failing: ['discovery'], cause: /cannot be reached/, unknown: [...NEEDS_METADATA, 'logout'],
  },
  'the provider does not answer': {
    spoil: discovery({ delayMs: 8_000 }),
    failing: ['discovery'], cause: /did not answer within 5 s/, unknown: [...NEEDS_METADATA, 'logout'],
  },
  'the metadata may not be read by this origin': {
    spoil: discovery({ cors: 'blocked' }),
    failing: ['discovery'], cause: /openid-configuration can be reached, but does not let http:\/\/localhost:\d+ read/, unknown: [...NEEDS_METADATA, 'logout'],
  },
  'the path of the issuer is wrong': {
    spoil: discovery({ status: 404, html: true }),
    failing: ['discovery'], cause: /no metadata: it was answered with status 404/, unknown: [...NEEDS_METADATA, 'logout'],
  },
  'the issuer is a web site': {
    spoil: discovery({ status: 200, html: true }),
    failing: ['discovery'], cause: /a page instead of metadata/, unknown: [...NEEDS_METADATA, 'logout'],
  },
  'the issuer has a slash too many': {
    spoil: ({ provider }) => ({ issuer: `${provider.issuer}/` }),
    failing: ['issuer'], cause: /They differ in the slash at the end/,
  },
  'the provider is behind a proxy and does not know its public URL': {
    spoil: ({ control, provider }) => { control.addFault({ endpoint: 'discovery', metadata: { set: { issuer: provider.issuer.replace('http:', 'https:') } } }); },
    failing: ['issuer'], cause: /They differ in http and https/,
  },
  'an endpoint is not https': {
    spoil: discovery({ metadata: { set: { token_endpoint: 'http://keycloak:8080/token' } } }),
    failing: ['endpoints'], cause: /token_endpoint is http:\/\/keycloak:8080\/token/, unknown: ['keys', 'token-endpoint'],
  },
  'the keys may not be read by this origin': {
    spoil: ({ control }) => { control.addFault({ endpoint: 'jwks', cors: 'blocked', times: 9 }); },
    failing: ['keys'], cause: /\/jwks can be reached, but does not let/,
  },
  'the provider signs with its secret': {
    spoil: discovery({ metadata: { set: { id_token_signing_alg_values_supported: ['HS256'] } } }),
    failing: ['keys'], cause: /only with HS256, which a public client cannot check/,
  },
  'the keys are too weak': {
    spoil: ({ control }) => { control.addFault({ endpoint: 'jwks', jwks: [{ jwk: { kty: 'RSA', n: 'AQAB'.repeat(42), e: 'AQAB' } }], times: 9 }); },
    failing: ['keys'], cause: /none of the 1 keys/,
  },
  'the token endpoint may not be read by this origin': {
    spoil: ({ control }) => { control.addFault({ endpoint: 'token', cors: 'blocked', times: 9 }); },
    failing: ['token-endpoint'], cause: /\/token can be reached, but does not let/,
  },
  'the client is no single-page app': {
    spoil: ({ control }) => {
      control.addFault({ endpoint: 'token', status: 400, body: { error: 'invalid_request', error_description: "AADSTS9002326: Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type." } });
    },
    failing: ['token-endpoint'], cause: /refuses the client \S+ \(invalid_request: AADSTS9002326/,
  },
  'the client has a secret': {
    spoil: ({ control }) => { control.addFault({ endpoint: 'token', status: 401, body: { error: 'invalid_client', error_description: 'Client authentication failed.' } }); },
    failing: ['token-endpoint'], cause: /refuses the client/,
  },
  'a gateway answers instead of the token endpoint': {
    spoil: ({ control }) => { control.addFault({ endpoint: 'token', status: 502, html: true }); },
    failing: ['token-endpoint'], cause: /does not answer as a token endpoint does: status 502/,
  },
  'the provider has PKCE without S256': {
    spoil: discovery({ metadata: { set: { code_challenge_methods_supported: ['plain'] } } }),
    failing: ['pkce'], cause: /not with S256 \(code_challenge_methods_supported: plain\)/,
  },
  'the provider does not speak of PKCE': {
    spoil: discovery({ metadata: { remove: ['code_challenge_methods_supported'] } }),
    failing: [], unknown: ['pkce'],
  },
  'the provider does not know offline_access': {
    spoil: discovery({ metadata: { set: { scopes_supported: ['openid', 'profile', 'email'] } } }),
    failing: [], unknown: ['scopes'],
  },
  "nothing ends the provider's session": {
    spoil: discovery({ metadata: { remove: ['end_session_endpoint'] } }),
    failing: ['logout'], cause: /names no URL that ends its session/,
  },
};

/** A test for each set-up. */
function every(test, setUps) {
  for (const [name, { spoil, failing, cause, unknown = [] }] of Object.entries(setUps)) {
    test(name, { announced }, async (world) => {
      const closing = [];
      try {
        const report = await diagnose(world, await spoil({ ...world, after: (close) => closing.push(close) }) ?? {});
        const found = report.map(({ check, ok, cause: why }) => `${ok} ${check}: ${why}`).join('\n');
        assert.deepEqual(failures(report).toSorted(), failing.toSorted(), found);
        assert.deepEqual(unknowns(report).toSorted(), unknown.toSorted(), found);
        if (cause) assert.match(report.find(({ check }) => check === failing[0]).cause, cause);
        for (const { remedy, ok } of report) assert.equal(remedy !== '', ok !== true, 'Who is told what is wrong is told what to do.');
      } finally {
        await Promise.all(closing.map((close) => close()));
        for (const file of ['vault.js', 'vault.wasm', 'callback', 'api/']) world.site.heal(file);
      }
    });
  }
}

describe('a Wristband application', () => {
  const { test } = stage({ app: 'pkg' });

  test('in which nothing is wrong passes every check', { announced: [/status of 40[04]/] }, async (world) => {
    const report = await diagnose(world);
    assert.deepEqual(report.filter(({ ok }) => ok !== true), []);
    assert.deepEqual(new Set(report.map(({ check }) => check)).size, report.length);
    assert.equal(report.length, 22);
  });

  describe('of which the vault', () => every(test, VAULT));
  describe('whose user has a browser in which', () => every(test, BROWSER));
  describe('whose app', () => every(test, APP));
  describe('of which', () => every(test, { ...WRISTBAND, ...API }));

  test('under the strictest policies fails no check, and what the page may not ask stays open', { announced }, async (world) => {
    const { site } = world;
    site.config.vault = 'auto';
    site.headers = strictHeaders(site);
    const report = await diagnose(world);
    assert.deepEqual(failures(report), []);
    assert.deepEqual(unknowns(report).toSorted(), ['api', 'application', 'discovery', 'issuer', 'keys', 'token-endpoint']);
    const [{ cause }] = report.filter(({ check }) => check === 'keys');
    assert.match(cause, /the document's Content-Security-Policy blocks it \(connect-src\)/);
  });

  test('whose app is in a frame is told to open a tab', { announced }, async (world) => {
    const { page, site } = world;
    site.headers = () => ({ 'Content-Security-Policy': '' });
    await page.goto(site.blank);
    await page.evaluate((url) => {
      const frame = document.createElement('iframe');
      frame.src = `${url}?framed`;
      document.documentElement.append(frame);
      return new Promise((resolve) => { frame.onload = resolve; });
    }, site.blank);
    const { apiUrl, ...options } = site.config;
    const framed = page.frame({ url: /framed/ });
    const report = await framed.evaluate(async (given) => (await import('/diagnose.js')).diagnose(given), options);
    assert.deepEqual(failures(report), ['frame']);
  });

  test('keeps its session, and no token is sent', { announced: [/status of 40[04]/] }, async ({ app, control, page, site, providerLog }) => {
    site.config.vault = 'shared';
    await app.open();
    await app.logIn(ada);
    const before = await app.state();
    const tokens = providerLog.tokenRequests().length;
    control.clearLog();
    const { apiUrl, ...options } = site.config;
    const report = await page.evaluate(async (given) => (await import('/diagnose.js')).diagnose(given), options);
    assert.deepEqual(failures(report), []);
    assert.deepEqual(await app.state(), before);
    assert.equal(tokens, 1);
    const { accessTokens, refreshTokens } = control.issued();
    const sent = JSON.stringify(control.log());
    assert.ok([...accessTokens, ...refreshTokens].every((token) => !sent.includes(token)));
    assert.ok(!control.log().some(({ endpoint }) => endpoint === 'authorize'));
    assert.deepEqual(await app.callApi(1), [200]);
  });

  test('that is given anything else is told so, and nothing is thrown', { announced }, async ({ page, site }) => {
    await page.goto(site.blank);
    for (const options of [undefined, null, {}, { apis: 5, clientId: 7 }, { workerUrl: 'http://[' }]) {
      const report = await page.evaluate(async (given) => (await import('/diagnose.js')).diagnose(given), options);
      assert.ok(failures(report).includes('settings'), JSON.stringify(options));
    }
  });
});

describe('an OpenID provider', () => {
  const { test } = stage({ app: 'pkg', plain: true });

  test('in which nothing is wrong passes every check', { announced: [/status of 40[04]/] }, async (world) => {
    const report = await diagnose(world);
    assert.deepEqual(report.filter(({ ok }) => ok !== true), []);
    assert.equal(report.length, 21);
  });

  describe('of which', () => every(test, OPENID));

  test('whose metadata the app has written down is not asked for it', { announced: [/status of 40[04]/] }, async (world) => {
    const { control, provider: { issuer } } = world;
    const metadata = { authorization_endpoint: `${issuer}/auth`, jwks_uri: `${issuer}/jwks`, token_endpoint: `${issuer}/token` };
    const report = await diagnose(world, { metadata, logoutUrl: `${issuer}/session/end` });
    assert.deepEqual(failures(report), []);
    assert.ok(!control.log().some(({ endpoint }) => endpoint === 'discovery'));
  });
});

describe('a report', () => {
  const { test } = stage({ app: 'pkg' });

  test('is printed with what failed first', { announced }, async (world) => {
    const { page, site, watched } = world;
    site.clockShift = 600;
    const report = await diagnose(world);
    watched.said.length = 0;
    await page.evaluate(async (found) => (await import('/diagnose.js')).printReport(found), report);
    const [title, first, passed] = watched.said;
    assert.equal(title, 'wristband-spa-auth: 1 of 22 checks failed');
    assert.match(first, /^✗ clock: this device's clock is .*\n {2}→ Set the clock.*\n {2}docs\/when-something-does-not-work\.md#clock$/);
    assert.equal(passed, '✓ 21 checks passed');
  });

  test('links to a section of the documentation for each check', { announced }, async (world) => {
    const declared = (await readFile(new URL('../../pkg/ts/diagnose.ts', import.meta.url))).toString();
    const names = [...declared.matchAll(/^ {2}\| "([\w-]+)"/gm)].map(([, name]) => name);
    const report = await diagnose(world);
    assert.ok(report.every(({ check }) => names.includes(check)));
    for (const { check, link } of report) assert.equal(link, `docs/when-something-does-not-work.md#${check}`);
    const guide = (await readFile(new URL('../../docs/when-something-does-not-work.md', import.meta.url))).toString();
    const headings = [...guide.matchAll(/^### `([\w-]+)`$/gm)].map(([, name]) => name);
    assert.deepEqual(headings, names);
  });

  const POINTER = 'diagnose() of "wristband-spa-auth/diagnose" finds the cause.';
  const pointers = (watched) => watched.said.filter((text) => text.endsWith(POINTER)).length;

  test('is pointed to once, by the first failure in development', { announced }, async ({ app, page, site, watched }) => {
    site.spoil('vault.js', { status: 404 });
    site.config.vault = 'shared';
    await app.open();
    assert.equal(await app.failure(), 'vault_unavailable');
    await page.evaluate(async () => { window.auth = await window.start({ vault: 'worker' }); });
    assert.equal(await app.failure(), 'vault_unavailable');
    site.heal('vault.js');
    assert.equal(pointers(watched), 1);
  });

  test('is not pointed to elsewhere, nor by a failure of the user', { announced }, async ({ app, control, page, site, watched }) => {
    control.addFault({ endpoint: 'authorize', redirect: { error: 'access_denied' } });
    await app.open();
    await app.leave();
    assert.equal(await app.failure(), 'access_denied');
    site.spoil('vault.js', { status: 404 });
    await page.evaluate(() => { window.auth = window.openAtOnce({ vault: 'worker', development: false }); });
    assert.equal(await app.failure(), 'vault_unavailable');
    site.heal('vault.js');
    assert.equal(pointers(watched), 0);
  });
});
