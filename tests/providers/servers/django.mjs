// django-oauth-toolkit from PyPI, with its database on disk and Django's own login form.
import { fileURLToPath } from 'node:url';
import { freePort, ownFolder, startRestartable, startSteps } from './process.mjs';
import { virtualenv } from './virtualenv.mjs';

const PROJECT = fileURLToPath(new URL('django_app.py', import.meta.url));
const CLIENT = 'spa';

const user = { email: 'ada@acme.example', password: 'lovelace', name: 'Ada Lovelace' };

export const title = 'django-oauth-toolkit 3.4.1';

const environment = () => virtualenv({ name: 'python-django', requirements: 'django-requirements.txt', product: 'django-oauth-toolkit' });

export async function install() {
  await environment();
}

async function signIn(page) {
  await page.fill('input[name=username]', user.email);
  await page.fill('input[name=password]', user.password);
  await page.click('button');
}

const isLoginForm = (page) => page.waitForSelector('input[name=password]', { timeout: 10_000 }).then(() => true, () => false);

export const start = ({ app }) => startSteps(async (atEnd) => {
  const python = await environment();
  const folder = await ownFolder('django', atEnd);
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}/o`;
  const program = await startRestartable({
    command: python,
    args: [PROJECT, JSON.stringify({ folder, port, app, user, clientId: CLIENT })],
    url: `${issuer}/.well-known/openid-configuration`,
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
