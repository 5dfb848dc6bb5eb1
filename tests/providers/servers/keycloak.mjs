// Keycloak from Maven's repository, with its database on disk.
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort, Missing, need, onceFor, ownFolder, startRestartable, startSteps, toolPath } from './process.mjs';

const VERSION = '26.7.3';
const HOME = toolPath('keycloak', `keycloak-${VERSION}`);

/** What Keycloak compiles into its own configuration. */
const BUILD = ['--db=dev-file'];

const user = { email: 'ada@acme.example', password: 'lovelace', name: 'Ada Lovelace' };

export const title = `Keycloak ${VERSION}`;

async function needJava() {
  const reason = 'Keycloak needs Java 17 and Maven (mvn).';
  const version = await need(reason, 'java', ['--version']);
  if (Number(/\d+/.exec(version)) < 17) throw new Missing(reason);
  await need(reason, 'mvn', ['--version']);
}

export async function install() {
  await onceFor(toolPath('keycloak'), `${VERSION} ${BUILD.join(' ')}`, async () => {
    await needJava();
    const artifact = `org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`;
    const folder = toolPath('keycloak');
    // Maven notes in the current folder what it has unpacked: the note must not outlive what it is about.
    await need(`Maven cannot fetch Keycloak ${VERSION}.`, 'mvn',
      ['-q', 'dependency:unpack', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`], { cwd: folder });
    await need(`Keycloak ${VERSION} cannot be built with this Java.`, 'sh', [path.join(HOME, 'bin/kc.sh'), 'build', ...BUILD]);
  });
}

/** The realm of the file, with the app's URLs and the user. */
async function realmFor(app) {
  const realm = JSON.parse(await readFile(new URL('keycloak-realm.json', import.meta.url), 'utf8'));
  for (const client of realm.clients) {
    Object.assign(client, { redirectUris: [app.redirectUri], webOrigins: [app.origin] });
    client.attributes['post.logout.redirect.uris'] = app.postLogoutUrl;
  }
  const [firstName, lastName] = user.name.split(' ');
  Object.assign(realm.users[0], { email: user.email, firstName, lastName, credentials: [{ type: 'password', value: user.password }] });
  return { realm, clientIds: realm.clients.map(({ clientId }) => clientId) };
}

/** Makes a home of its own for one instance: the program is shared, the data is not. */
async function fillHome(home, realm) {
  await Promise.all(['bin', 'data/import'].map((folder) => mkdir(path.join(home, folder), { recursive: true })));
  // The script takes the folder that it really is in for the home.
  await copyFile(path.join(HOME, 'bin/kc.sh'), path.join(home, 'bin/kc.sh'));
  await Promise.all(['conf', 'lib', 'providers', 'themes'].map((folder) => symlink(path.join(HOME, folder), path.join(home, folder))));
  await writeFile(path.join(home, 'data/import/realm.json'), JSON.stringify(realm));
}

async function signIn(page) {
  await page.waitForSelector('#password');
  // A user who has to sign in again is known by name.
  if (await page.isVisible('#username')) await page.fill('#username', user.email);
  await page.fill('#password', user.password);
  await page.click('#kc-login');
}

const isLoginForm = (page) => page.waitForSelector('#password', { timeout: 10_000 }).then(() => true, () => false);

function programOf({ home, port, issuer }) {
  const { origin } = new URL(issuer);
  return {
    command: 'sh',
    // Without `--cache=local` it looks for a cluster, on all of the machine's addresses.
    args: [path.join(home, 'bin/kc.sh'), 'start', '--optimized', '--import-realm', '--cache=local', '--http-enabled=true',
      '--http-host=127.0.0.1', `--http-port=${port}`, `--hostname=${origin}`],
    url: `${issuer}/.well-known/openid-configuration`,
  };
}

export const start = ({ app }) => startSteps(async (atEnd) => {
  const home = await ownFolder('keycloak', atEnd);
  const { realm, clientIds: [clientId, boundClientId] } = await realmFor(app);
  await fillHome(home, realm);
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}/realms/${realm.realm}`;
  const program = await startRestartable(programOf({ home, port, issuer }));
  atEnd(program.stop);
  return {
    issuer,
    // A login that asks for `offline_access` leaves no session at Keycloak (since 26.1), and it gives a refresh token anyway.
    settings: { issuer, clientId, scopes: ['openid', 'email', 'profile'] },
    // A client whose tokens are bound to a key.
    bound: { clientId: boundClientId },
    user,
    signIn,
    isLoginForm,
    restart: program.restart,
  };
});
