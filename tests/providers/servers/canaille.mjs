// Canaille from PyPI, with its database on disk.
import { fileURLToPath } from 'node:url';
import { freePort, ownFolder, startRestartable, startSteps } from './process.mjs';
import { virtualenv } from './virtualenv.mjs';

const SERVER = fileURLToPath(new URL('canaille_app.py', import.meta.url));
const CLIENT = 'spa';
const SCOPES = ['openid', 'email', 'profile'];

const user = { email: 'ada@acme.example', password: 'lovelace', name: 'Ada Lovelace' };

export const title = 'Canaille 0.3.6';

const environment = () => virtualenv({ name: 'python-canaille', requirements: 'canaille-requirements.txt', product: 'Canaille' });

export async function install() {
  await environment();
}

const FIRST_FIELD = 'input[name=login], input[name=password]';

/** Enters the name unless the server knows it, then the password, and allows what the app asks for if that is new to the server. */
async function signIn(page) {
  const origin = new URL(page.url()).origin;
  await page.waitForSelector(FIRST_FIELD);
  if (await page.isVisible('input[name=login]')) {
    await page.fill('input[name=login]', user.email);
    await page.click('button[name=answer]');
  }
  await page.fill('input[name=password]', user.password);
  await page.click('button[type=submit]');
  await page.waitForURL((url) => url.origin !== origin || url.pathname === '/oauth/authorize', { waitUntil: 'commit' });
  if (new URL(page.url()).origin === origin) await page.click('#accept');
}

const isLoginForm = (page) => page.waitForSelector(FIRST_FIELD, { timeout: 10_000 }).then(() => true, () => false);

export const start = ({ app }) => startSteps(async (atEnd) => {
  const python = await environment();
  const folder = await ownFolder('canaille', atEnd);
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const program = await startRestartable({
    command: python,
    args: [SERVER, JSON.stringify({ folder, port, app, user, clientId: CLIENT, scopes: SCOPES })],
    url: `${issuer}/.well-known/openid-configuration`,
    // It reads the configuration file of the folder that it is started in.
    cwd: folder,
  });
  atEnd(program.stop);
  return {
    issuer,
    settings: { issuer, clientId: CLIENT, scopes: ['openid', 'offline_access', 'email', 'profile'] },
    user,
    signIn,
    isLoginForm,
    restart: program.restart,
  };
});
