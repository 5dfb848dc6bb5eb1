// By hand: a login, a renewal, a new process and a logout of the command-line tool at Keycloak, in Chromium.
// cargo build --no-default-features --features native --example cli && node tests/native/keycloak.mjs
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { install, start } from '../providers/servers/keycloak.mjs';

const { chromium } = createRequire(new URL('../e2e/package.json', import.meta.url))('playwright-core');
const CLI = path.join(import.meta.dirname, '../../target/debug/examples/cli');

await install();
// Keycloak takes any port of a loopback address that is registered without one.
const app = { redirectUri: 'http://127.0.0.1/callback', origin: 'http://127.0.0.1', postLogoutUrl: 'http://127.0.0.1/' };
const server = await start({ app });
const home = await mkdtemp(path.join(tmpdir(), 'native-keycloak-'));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
try {
  const settings = path.join(home, 'settings.json');
  await writeFile(settings, JSON.stringify({ ...server.settings, redirectUri: app.redirectUri, allowInsecureLoopback: true }));
  const options = ['--settings', settings, '--app', 'com.example.keycloak', '--store', 'keyutils', '--print-url'];
  const environment = { env: { HOME: home, XDG_STATE_HOME: home } };
  const cli = (...words) => promisify(execFile)(CLI, [...options, ...words], environment).then(({ stdout }) => stdout.trim());

  const login = spawn(CLI, [...options, 'login'], { ...environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(login.stdout)[Symbol.asyncIterator]();
  const url = (await lines.next()).value.replace('Open ', '');
  const page = await browser.newPage();
  await page.goto(url);
  await server.signIn(page);
  await page.waitForURL('http://127.0.0.1:*/callback?**');
  assert.equal(await page.textContent('h1'), 'You are signed in');
  for await (const line of lines) console.log(line);
  assert.equal(await cli('whoami'), 'ada@acme.example');
  await cli('renew');
  assert.equal(await cli('whoami'), 'ada@acme.example');
  console.log(await cli('logout'));
  await assert.rejects(cli('whoami'), /not_signed_in/);
  console.log('Keycloak: login, renewal, new processes, logout');
} finally {
  await browser.close();
  await server.stop();
  await rm(home, { recursive: true });
}
