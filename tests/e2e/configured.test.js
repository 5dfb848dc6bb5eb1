// An app that leaves settings to its Wristband application: the same in TypeScript and in Rust.
import assert from 'node:assert/strict';
import { eventually } from './support/eventually.js';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';

const { test } = stage({ app: 'pkg' });

/** The settings that only the app knows. */
function leaveToApplication({ site }, more) {
  const { allowInsecureLoopback, apis, apiUrl, applicationVanityDomain, clientId } = site.config;
  site.config = { allowInsecureLoopback, apis, apiUrl, applicationVanityDomain, clientId, configure: true, ...more };
}

const asked = ({ control }) => control.log().filter(({ endpoint }) => endpoint === 'sdk').length;
const started = ({ page }) => page.evaluate(() => window.start().then(() => 'started', ({ code, detail }) => ({ code, detail })));

test('the user logs in with what the application fills in', async (world) => {
  const { app } = world;
  leaveToApplication(world);
  await app.open();
  await app.logIn(ada);
  assert.equal(asked(world), 2, 'once for each page');
});

test('a setting of the app wins, and the difference is on the console', async (world) => {
  const { app, site, watched } = world;
  leaveToApplication(world, { loginUrl: site.url('sign-in') });
  await app.open();
  const named = () => watched.said.some((text) => /^wristband-spa-auth: loginUrl is .*sign-in.* in the app, and .*login.* in the Wristband application/.test(text));
  await eventually('the warning', named);
  assert.deepEqual(await started(world), 'started');
});

test('an application that cannot be asked is an error that says what to set', { announced: [/CORS|ERR_FAILED|network/] }, async (world) => {
  const { app, control, page } = world;
  await app.open();
  await app.isReady();
  control.patchSettings({ cors: 'blocked' });
  leaveToApplication(world);
  const { code, detail } = await page.evaluate(() => window.start({ configure: true }).then(() => ({}), (error) => ({ code: error.code, detail: error.detail })));
  assert.equal(code, 'network');
  assert.match(detail, /sdk-configuration: .*Set redirectUri and loginUrl in the app/);
  assert.equal(asked(world), 3, 'as often as the SDKs ask');
});
