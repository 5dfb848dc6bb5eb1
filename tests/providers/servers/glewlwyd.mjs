// Glewlwyd from Debian's packages, with its database on disk.
import { generateKeyPairSync } from 'node:crypto';
import { copyFile, cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort, Missing, need, onceFor, ownFolder, run, startRestartable, startSteps, toolPath } from './process.mjs';

const VERSION = '2.7.5';
const FOLDER = toolPath('debian', 'glewlwyd');
const inside = (...names) => path.join(FOLDER, 'root', ...names);
const CLIENT = 'spa';
const SCOPES = ['openid', 'email', 'profile'];

/** The program, and what a machine with Debian may lack of its libraries and of the styles of its pages. */
const PACKAGES = ['glewlwyd', 'glewlwyd-common', 'libconfig9', 'liborcania2.3', 'libyder2.0', 'libhoel1.4', 'librhonabwy1.1', 'libmicrohttpd12',
  'libulfius2.7', 'libiddawc1.1', 'liboath0', 'libcbor0.8', 'libmariadb3', 'libpq5', 'fonts-fork-awesome', 'libjs-bootstrap4', 'libjs-jquery',
  'libjs-popper.js', 'sqlite3'];

const user = { email: 'ada@acme.example', password: 'lovelace', name: 'Ada Lovelace' };

export const title = `Glewlwyd ${VERSION}`;

/** The environment in which the programs of the packages find their libraries. */
async function environment() {
  const [libraries] = (await readdir(inside('usr/lib'))).filter((name) => name.endsWith('-linux-gnu'));
  return { ...process.env, LD_LIBRARY_PATH: inside('usr/lib', libraries) };
}

async function extract() {
  const reason = `Glewlwyd ${VERSION} needs the packages of Debian 12 (apt-get, dpkg-deb).`;
  const packages = path.join(FOLDER, 'packages');
  await mkdir(packages, { recursive: true });
  // Only some users may do this, and only some machines need it.
  await run('apt-get', ['update']).catch(() => {});
  await need(reason, 'apt-get', ['download', ...PACKAGES], { cwd: packages });
  for (const name of await readdir(packages)) await need(reason, 'dpkg-deb', ['--extract', path.join(packages, name), inside()]);
  const version = await need(reason, inside('usr/bin/glewlwyd'), ['--version'], { env: await environment() });
  if (!version.includes(VERSION)) throw new Missing(reason);
}

/** Its pages, whose packages link to places that only a real installation has. */
async function copyPages() {
  const pages = inside('usr/share/glewlwyd/webapp');
  await rm(path.join(pages, 'config.json'), { force: true });
  await cp(pages, path.join(FOLDER, 'pages'), { recursive: true, dereference: true });
  await copyFile(inside('usr/share/glewlwyd/templates/config.json'), path.join(FOLDER, 'pages/config.json'));
}

async function makeDatabase() {
  const tables = inside('usr/share/dbconfig-common/data/glewlwyd/install/sqlite3');
  await run(inside('usr/bin/sqlite3'), [path.join(FOLDER, 'empty.db'), `.read '${tables}'`], { env: await environment() });
}

export async function install() {
  await onceFor(FOLDER, VERSION, async () => {
    await rm(FOLDER, { recursive: true, force: true });
    await extract();
    await copyPages();
    await makeDatabase();
  });
}

/** The configuration of the server, whose syntax for text and numbers is that of JSON. */
function configFor({ app, folder, issuer, port }) {
  const module = (kind) => inside('usr/lib/glewlwyd', kind);
  const values = {
    port,
    bind_address: '127.0.0.1',
    external_url: new URL(issuer).origin,
    login_url: 'login.html',
    api_prefix: 'api',
    static_files_path: path.join(FOLDER, 'pages'),
    allow_origin: app.origin,
    log_mode: 'console',
    log_level: 'WARNING',
    cookie_domain: '127.0.0.1',
    cookie_secure: 0,
    user_module_path: module('user'),
    user_middleware_module_path: module('user_middleware'),
    client_module_path: module('client'),
    user_auth_scheme_module_path: module('scheme'),
    plugin_module_path: module('plugin'),
  };
  const types = Object.entries({ html: 'text/html', css: 'text/css', js: 'application/javascript', json: 'application/json' })
    .map(([extension, type]) => `{ extension = ".${extension}", mime_type = "${type}", compress = 0 }`);
  return [
    ...Object.entries(values).map(([name, value]) => `${name} = ${JSON.stringify(value)}`),
    `database = { type = "sqlite3", path = ${JSON.stringify(path.join(folder, 'glewlwyd.db'))} }`,
    `static_files_mime_types = (${types.join(', ')})`,
  ].join('\n');
}

function pluginFor(issuer) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    module: 'oidc',
    name: 'oidc',
    display_name: 'OpenID Connect',
    enabled: true,
    parameters: {
      iss: issuer,
      'jwt-type': 'rsa',
      'jwt-key-size': '256',
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      cert: publicKey.export({ type: 'spki', format: 'pem' }),
      'jwks-show': true,
      'subject-type': 'public',
      'allowed-scope': SCOPES,
      'access-token-duration': 30,
      'refresh-token-duration': 3600,
      'refresh-token-one-use': 'always',
      'code-duration': 60,
      'auth-type-code-enabled': true,
      'auth-type-refresh-enabled': true,
      'pkce-allowed': true,
      'pkce-required': true,
      'oauth-as-iss-id': true,
      'name-claim': 'mandatory',
      'email-claim': 'mandatory',
      'session-management-allowed': true,
      // Its own page fails to end a session without this.
      'front-channel-logout-allowed': true,
      'session-cookie-name': 'GLEWLWYD2_OIDC_SID',
      'session-cookie-expiration': 2419200,
      'introspection-revocation-allowed': true,
      'introspection-revocation-allow-target-client': true,
    },
  };
}

const clientFor = (app) => ({
  client_id: CLIENT,
  name: 'The app',
  confidential: false,
  enabled: true,
  redirect_uri: [app.redirectUri],
  post_logout_redirect_uris: [app.postLogoutUrl],
  authorization_type: ['code', 'refresh_token'],
  token_endpoint_auth_method: ['none'],
});

const account = { username: 'ada', name: user.name, email: user.email, password: user.password, enabled: true, scope: SCOPES };

const scopeNamed = (name) => ({ name, display_name: name, password_required: true, password_max_age: 0 });

/** A function that sends a request to the API for administrators, as the pages for them do. */
async function administrator(issuer) {
  let cookie = '';
  const send = async (method, url, body) => {
    const headers = { 'content-type': 'application/json', cookie };
    const response = await fetch(new URL(`/api/${url}`, issuer), { method, headers, body: body && JSON.stringify(body) });
    if (!response.ok) throw new Error(`Glewlwyd refuses ${url}: ${await response.text()}`);
    return response;
  };
  const response = await send('POST', 'auth/', { username: 'admin', password: 'password' });
  cookie = response.headers.getSetCookie().map((value) => value.split(';')[0]).join('; ');
  return send;
}

/** Its database of clients has no room for the URLs after a logout unless they are declared. */
async function declareLogoutUrls(send) {
  const module = await (await send('GET', 'mod/client/database')).json();
  module.parameters['data-format'].post_logout_redirect_uris = { multiple: true, read: true, write: true };
  await send('PUT', 'mod/client/database', module);
  await send('PUT', 'mod/client/database/reset');
}

async function configure(issuer, app) {
  const send = await administrator(issuer);
  for (const name of SCOPES.slice(1)) await send('POST', 'scope/', scopeNamed(name));
  await send('PUT', 'scope/openid', scopeNamed('openid'));
  await declareLogoutUrls(send);
  await send('POST', 'mod/plugin/', pluginFor(issuer));
  await send('POST', 'user/?source=database', account);
  await send('POST', 'client/?source=database', clientFor(app));
}

/** Fills in the login form unless there is a session, allows what the app asks for if that is new, and goes on to the app. */
async function signIn(page) {
  const form = page.locator('#username');
  const grant = page.getByRole('button', { name: 'Grant access' });
  const ready = page.getByText('Connection to The app');
  await form.or(grant).or(ready).waitFor();
  if (await form.isVisible()) {
    await form.fill(account.username);
    await page.fill('#password', user.password);
    await page.click('button[type=submit]');
  }
  await grant.or(ready).waitFor();
  if (await grant.isVisible()) {
    for (const scope of SCOPES.slice(1)) await page.check(`#grant-${scope}`);
    await grant.click();
    await ready.waitFor();
  }
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** Answers the question that this server asks at each logout. */
const confirmLogout = (page) => page.getByRole('button', { name: 'Logout' }).first().click();

const isLoginForm = (page) => page.waitForSelector('#password', { timeout: 10_000 }).then(() => true, () => false);

export const start = ({ app }) => startSteps(async (atEnd) => {
  const env = await environment();
  const folder = await ownFolder('glewlwyd', atEnd);
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}/api/oidc`;
  const config = path.join(folder, 'glewlwyd.conf');
  await writeFile(config, configFor({ app, folder, issuer, port }));
  await copyFile(path.join(FOLDER, 'empty.db'), path.join(folder, 'glewlwyd.db'));
  const program = await startRestartable({
    command: inside('usr/bin/glewlwyd'),
    args: ['--config-file', config],
    env,
    url: new URL('/config', issuer),
  });
  atEnd(program.stop);
  await configure(issuer, app);
  return {
    issuer,
    settings: { issuer, clientId: CLIENT, scopes: ['openid', 'offline_access', 'email', 'profile'] },
    user,
    signIn,
    isLoginForm,
    confirmLogout,
    restart: program.restart,
  };
});
