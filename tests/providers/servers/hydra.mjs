// Ory Hydra from Go's module proxy, with its database on disk and a login page of our own.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { goProgram, installGo } from './go.mjs';
import { startLogin } from './hydra-login.mjs';
import { freePort, ownFolder, run, startRestartable, startSteps } from './process.mjs';

const VERSION = 'v2.3.0';
const BINARY = goProgram('hydra');

/** `go install` refuses a module with replacements, so this one has Hydra's own. */
const MODULE = `module hydra

go 1.22

require github.com/ory/hydra/v2 ${VERSION}

replace github.com/gobuffalo/pop/v6 => github.com/ory/pop/v6 v6.2.1-0.20241121111754-e5dfc0f3344b
`;

const CLIENT = 'spa';
const SCOPES = ['openid', 'offline_access', 'email'];

const user = { email: 'ada@acme.example', password: 'lovelace', name: 'Ada Lovelace', subject: 'ada' };

export const title = `Ory Hydra ${VERSION.slice(1)}`;

export const install = () => installGo({ name: 'hydra', product: 'Hydra', version: VERSION, module: MODULE, program: 'github.com/ory/hydra/v2', flags: ['-tags=sqlite'] });

const configFor = ({ app, folder, issuer, ports, login }) => ({
  dsn: `sqlite://${path.join(folder, 'hydra.sqlite')}?_fk=true`,
  // It tells nobody that it runs.
  sqa: { opt_out: true },
  dev: true,
  log: { level: 'warn' },
  secrets: { system: ['only for a test on this machine'] },
  urls: { self: { issuer, public: issuer }, login: `${login}/login`, consent: `${login}/consent`, logout: `${login}/logout` },
  ttl: { access_token: '30s' },
  oauth2: { pkce: { enforced_for_public_clients: true } },
  serve: {
    public: { host: '127.0.0.1', port: ports.public, cors: { enabled: true, allowed_origins: [app.origin] } },
    admin: { host: '127.0.0.1', port: ports.admin },
    cookies: { same_site_mode: 'Lax' },
  },
});

async function addClient(admin, app) {
  const response = await fetch(`${admin}/admin/clients`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_id: CLIENT,
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: SCOPES.join(' '),
      redirect_uris: [app.redirectUri],
      post_logout_redirect_uris: [app.postLogoutUrl],
    }),
  });
  if (!response.ok) throw new Error(`Hydra refuses the client: ${await response.text()}`);
}

async function signIn(page) {
  await page.fill('input[name=email]', user.email);
  await page.fill('input[name=password]', user.password);
  await page.click('button');
}

const isLoginForm = (page) => page.waitForSelector('input[name=password]', { timeout: 10_000 }).then(() => true, () => false);

export const start = ({ app }) => startSteps(async (atEnd) => {
  const folder = await ownFolder('hydra', atEnd);
  const ports = { public: await freePort(), admin: await freePort(), login: await freePort() };
  const [issuer, admin, login] = [ports.public, ports.admin, ports.login].map((port) => `http://127.0.0.1:${port}`);
  const config = path.join(folder, 'hydra.json');
  await writeFile(config, JSON.stringify(configFor({ app, folder, issuer, ports, login })));
  await run(BINARY, ['migrate', 'sql', 'up', '--read-from-env', '--yes', '--config', config]);
  const program = await startRestartable({ command: BINARY, args: ['serve', 'all', '--dev', '--config', config], url: `${issuer}/health/ready` });
  atEnd(program.stop);
  await addClient(admin, app);
  const pages = await startLogin({ admin, port: ports.login, user });
  atEnd(pages.close);
  return {
    issuer,
    settings: { issuer, clientId: CLIENT, scopes: SCOPES },
    user,
    signIn,
    isLoginForm,
    restart: program.restart,
  };
});
