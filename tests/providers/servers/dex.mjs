// Dex from Go's module proxy, with its database on disk and its own login page.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { freePort, need, onceFor, startProgram, startSteps, toolPath } from './process.mjs';

const VERSION = '2.41.1';
const BINARY = toolPath('go', 'bin', 'dex');

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

/** Compiles Dex with SQLite, which is written in C. */
async function build() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'dex-'));
  try {
    await writeFile(path.join(folder, 'go.mod'), MODULE);
    await need(`Dex ${VERSION} cannot be fetched and built with this Go.`, 'go',
      ['build', '-mod=mod', '-o', BINARY, 'github.com/dexidp/dex/cmd/dex'],
      { cwd: folder, env: { ...process.env, CGO_ENABLED: '1' } });
  } finally {
    await rm(folder, { recursive: true });
  }
}

export async function install() {
  await onceFor(toolPath('go', 'dex'), VERSION, async () => {
    const reason = 'Dex needs Go and a C compiler (go, cc).';
    await need(reason, 'go', ['version']);
    await need(reason, 'cc', ['--version']);
    await build();
  });
}

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
  const folder = await mkdtemp(path.join(os.tmpdir(), 'dex-'));
  atEnd(() => rm(folder, { recursive: true }));
  const issuer = `http://127.0.0.1:${await freePort()}/dex`;
  const config = path.join(folder, 'dex.json');
  await writeFile(config, JSON.stringify(configFor({ app, folder, issuer })));
  const launch = () => startProgram({ command: BINARY, args: ['serve', config], url: `${issuer}/healthz` });
  let program = await launch();
  atEnd(() => program.stop());
  return {
    issuer,
    // Asked with `prompt=none`, it shows its login page: a reload would end there.
    settings: { issuer, clientId: CLIENT, scopes: ['openid', 'profile', 'email', 'offline_access'], restore: 'none' },
    user,
    signIn,
    isLoginForm,
    async restart() {
      await program.stop();
      program = await launch();
    },
  };
});
