// Dex from Go's module proxy, with its database on disk and its own login page.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { goProgram, installGo } from './go.mjs';
import { freePort, ownFolder, startRestartable, startSteps } from './process.mjs';

const VERSION = '2.41.1';
const BINARY = goProgram('dex');

/** Go takes none of Dex's releases for a version of its module, so this is the commit of that one. Dex has its API from its own repository, where Go does not look for it. */
const MODULE = `module dex

go 1.21

require (
	github.com/dexidp/dex v0.0.0-20240807174518-43956db7fd75
	github.com/dexidp/dex/api/v2 v2.2.0
)
`;

const CLIENT = 'spa';

const user = { email: 'ada@acme.example', password: 'lovelace', name: 'Ada Lovelace', subject: 'ada' };

/** Dex takes the password as bcrypt has made it. */
const HASH = '$2a$10$vVENvoFrGRs7wER6RfZDw.tScKlQGH/p8AcLhtg1WgMiWDjcOTjk6';

export const title = `Dex ${VERSION}`;

export const install = () => installGo({ name: 'dex', product: 'Dex', version: VERSION, module: MODULE, program: 'github.com/dexidp/dex/cmd/dex' });

const configFor = ({ app, folder, issuer }) => ({
  issuer,
  // In memory, tokens and keys would not outlive the restart.
  storage: { type: 'sqlite3', config: { file: path.join(folder, 'dex.sqlite') } },
  web: { http: new URL(issuer).host, allowedOrigins: [app.origin] },
  logger: { level: 'warn' },
  expiry: { idTokens: '30s', refreshTokens: { reuseInterval: '3s' } },
  oauth2: { skipApprovalScreen: true },
  staticClients: [{ id: CLIENT, name: 'The app', public: true, redirectURIs: [app.redirectUri] }],
  enablePasswordDB: true,
  staticPasswords: [{ email: user.email, hash: HASH, username: user.name, userID: user.subject }],
});

async function signIn(page) {
  await page.fill('#login', user.email);
  await page.fill('#password', user.password);
  await page.click('#submit-login');
}

const isLoginForm = (page) => page.waitForSelector('#password', { timeout: 10_000 }).then(() => true, () => false);

export const start = ({ app }) => startSteps(async (atEnd) => {
  const folder = await ownFolder('dex', atEnd);
  const issuer = `http://127.0.0.1:${await freePort()}/dex`;
  const config = path.join(folder, 'dex.json');
  await writeFile(config, JSON.stringify(configFor({ app, folder, issuer })));
  const program = await startRestartable({ command: BINARY, args: ['serve', config], url: `${issuer}/healthz` });
  atEnd(program.stop);
  return {
    issuer,
    // Asked with `prompt=none`, it shows its login page: a reload would end there.
    settings: { issuer, clientId: CLIENT, scopes: ['openid', 'profile', 'email', 'offline_access'], restore: 'none' },
    user,
    signIn,
    isLoginForm,
    restart: program.restart,
  };
});
