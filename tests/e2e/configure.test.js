// An app that leaves settings to its Wristband application: `wristband-spa-auth/configure`.
import assert from 'node:assert/strict';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';

const { test } = stage({ app: 'pkg' });

const leastOf = ({ site: { config } }) => ({
  applicationVanityDomain: config.applicationVanityDomain, clientId: config.clientId, allowInsecureLoopback: true,
});

/** Asks the application. Returns the options, or the error's code and detail. */
async function configure({ page, site }, options) {
  await page.goto(site.blank);
  return page.evaluate(async (given) => {
    const { configure: ask } = await import('/configure.js');
    const { AuthError } = await import('/index.js');
    return ask(given).catch((error) => ({ code: error.code, detail: error.detail, isAuthError: error instanceof AuthError }));
  }, options);
}

test('a Wristband application fills in what the app leaves out, and the user logs in with that', async (world) => {
  const { app, control, site } = world;
  const options = await configure(world, leastOf(world));
  assert.deepEqual(options, {
    ...leastOf(world),
    applicationAuthorization: true,
    applicationCustomDomainActive: false,
    loginUrl: site.url('login'),
    redirectUri: site.url('callback'),
  });
  assert.equal(control.log().filter(({ endpoint }) => endpoint === 'sdk').length, 1);
  const { apis, apiUrl } = site.config;
  site.config = { ...options, apis, apiUrl };
  await app.open();
  await app.logIn(ada);
});

test('options of the app stay as they are, and a difference is named', async (world) => {
  const { site, watched } = world;
  const options = await configure(world, { ...leastOf(world), loginUrl: site.url('sign-in'), applicationCustomDomainActive: false });
  assert.equal(options.loginUrl, site.url('sign-in'));
  const warnings = watched.said.filter((text) => text.startsWith('wristband-spa-auth:'));
  assert.deepEqual(warnings, [`wristband-spa-auth: loginUrl is ${site.url('sign-in')} in the app, and ${site.url('login')} in the Wristband application`]);
});

test('of several redirect URIs the app has to choose one', async (world) => {
  const { control, site } = world;
  control.patchSettings({ redirectUris: [site.url('other')] });
  const { code, detail, isAuthError } = await configure(world, leastOf(world));
  assert.deepEqual([code, isAuthError], ['config_invalid', true]);
  assert.match(detail, /^redirectUri: /);
  const options = await configure(world, { ...leastOf(world), redirectUri: site.url('callback') });
  assert.equal(options.redirectUri, site.url('callback'));
});

test('an application that does not allow the request is an error that says what to set', { announced: [/CORS|ERR_FAILED/] }, async (world) => {
  const { control } = world;
  control.patchSettings({ cors: 'blocked' });
  const { code, detail } = await configure(world, leastOf(world));
  assert.equal(code, 'network');
  assert.match(detail, /sdk-configuration: .*Set redirectUri and loginUrl in the app/);
  assert.equal(control.log().filter(({ endpoint }) => endpoint === 'sdk').length, 3);
});

test('an unknown client is asked for once', { announced: [/status of 404/] }, async (world) => {
  const { control } = world;
  const { code, detail } = await configure(world, { ...leastOf(world), clientId: 'nobody' });
  assert.equal(code, 'network');
  assert.match(detail, /status 404/);
  assert.equal(control.log().filter(({ endpoint }) => endpoint === 'sdk').length, 1);
});
