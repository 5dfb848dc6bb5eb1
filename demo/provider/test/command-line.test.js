// The program: its options, what it prints, and its package.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { actions, authorizationRequest, Browser, send } from './browser.js';
import { start } from './program.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);
let folder;
before(async () => { folder = await mkdtemp(path.join(tmpdir(), 'provider-')); });
after(() => rm(folder, { recursive: true, force: true }));

async function stop(program) {
  program.child.stdin.end();
  assert.equal(await program.ended, 0);
}

describe('for programs, the command line', () => {
  it('prints one line, serves, and ends when its standard input does', async () => {
    const program = start(['--json', '--quiet']);
    const ready = JSON.parse((await program.until(/^.*\n/))[0]);
    assert.equal(ready.ready, true);
    assert.equal(ready.api, `http://localhost:${ready.apiPort}/v1/`);
    assert.equal(ready.issuer, `http://${ready.applicationVanityDomain}`);
    assert.equal(ready.appSettings.applicationVanityDomain, ready.applicationVanityDomain);
    assert.equal((await send(`http://localhost:${ready.port}/health`)).status, 200);
    await stop(program);
    assert.deepEqual([program.text.trim().split('\n').length, program.errors], [1, '']);
  });

  it('says in one sentence what is wrong', async () => {
    const other = start(['--json', '--quiet']);
    const { port } = JSON.parse((await other.until(/^.*\n/))[0]);
    await writeFile(path.join(folder, 'users.json'), '{ "users": [] }');
    await writeFile(path.join(folder, 'broken.json'), '{');
    const cases = [
      [['--port', String(port)], `Port ${port} is already taken.\n`],
      [['--origin', 'here'], '"here" is not a URL.\n'],
      [['--api-port', 'x'], '--api-port must be a whole number, at most 65535.\n'],
      [['--access-token-ttl', '0'], 'The setting "accessTokenTtl" must be a positive whole number.\n'],
      [['--client-id', 'x'.repeat(27)], 'The client ID must have 1 to 26 characters, without spaces.\n'],
      [['--users', 'nothing.json'], 'nothing.json could not be read: ENOENT.\n'],
      [['--users', 'users.json'], 'The "users" must be a list with at least one user.\n'],
      [['--tls-key', 'users.json'], 'HTTPS needs both --tls-key and --tls-cert.\n'],
    ];
    for (const [words, sentence] of cases) {
      const program = start(['--quiet', ...words], { cwd: folder });
      assert.equal(await program.ended, 1, words.join(' '));
      assert.deepEqual([program.errors, program.text], [sentence, '']);
    }
    const broken = start(['--users', 'broken.json', '--quiet'], { cwd: folder });
    await broken.ended;
    assert.match(broken.errors, /^broken\.json is not JSON: .*\n$/);
    await stop(other);
  });

  it('ends on SIGTERM', async () => {
    const program = start(['--json', '--quiet', '--plain']);
    await program.until(/\n/);
    program.child.kill('SIGTERM');
    assert.equal(await program.ended, 0);
  });

  it('lists every option in its help and in the README', async () => {
    const source = await readFile(path.join(ROOT, 'src/arguments.js'), 'utf8');
    const names = [...source.slice(0, source.indexOf('HELP')).matchAll(/^ {2}'?([\w-]+)'?: \{ type/gm)].map(([, name]) => name);
    assert.ok(names.length > 15);
    const readme = await readFile(path.join(ROOT, 'README.md'), 'utf8');
    const { stdout } = await run(process.execPath, [path.join(ROOT, 'src/main.js'), '--help']);
    for (const name of names) for (const text of [stdout, readme]) assert.match(text, new RegExp(`--${name}\\b`));
  });
});

describe('for people, the command line', () => {
  it('prints the settings of the app, and then what it does', async () => {
    const program = start(['--origin', 'http://localhost:5173', '--access-token-ttl', '60']);
    const [, literal] = await program.until(/for createAuth:\n\n(\{[^]*?\n\})/);
    const settings = new Function(`return ${literal}`)();
    const port = Number(settings.applicationVanityDomain.split(':')[1]);
    assert.deepEqual([settings.redirectUri, settings.loginUrl, settings.allowInsecureLoopback], ['http://localhost:5173/callback', 'http://localhost:5173/login', true]);
    assert.match(program.text, /ada@acme\.example +lovelace +acme\n/);

    const act = actions({ port, clientId: settings.clientId, api: settings.apis[0] });
    const request = authorizationRequest({ clientId: settings.clientId }, { redirect_uri: settings.redirectUri });
    const browser = new Browser();
    const page = await browser.visit(act.authorizeUrl('acme', request.params));
    const refused = await browser.submit(page, { email: 'ada@acme.example', password: 'wrong' });
    const { location } = await browser.submit(refused, { email: 'ada@acme.example', password: 'lovelace' });
    const { json: tokens } = await act.exchange({ ...request, callback: location });
    assert.equal(tokens.expires_in, 60);
    await act.api('me', tokens.access_token);
    await act.refresh('unknown');
    await act.control('POST', 'faults', { endpoint: 'userinfo', status: 503 });
    await act.userinfo(tokens.access_token);
    await browser.visit(act.authorizeUrl('acme', { ...request.params, redirect_uri: 'http://localhost:9/callback' }));
    await send(act.application('/api/v1/oauth2/jwks'), { headers: { origin: 'http://localhost:9' } });
    const said = [
      'login      refused: The email address or the password is wrong.',
      'login      ada@acme.example signs in',
      'authorize  code for http://localhost:5173/callback, ada@acme.example',
      'token      code exchanged for ada@acme.example',
      'api        GET /v1/me for ada@acme.example: 200',
      'token      refused: refresh_token: invalid_grant: grant request is invalid',
      'userinfo   refused: status 503\n                     by a fault: {"endpoint":"userinfo","status":503}',
      'authorize  refused: The redirect URI of this sign-in request is missing or not registered.\n                     The app sent http://localhost:9/callback. Start with --redirect-uri http://localhost:9/callback if that is right.',
      'jwks       keys\n                     The browser hides this response from http://localhost:9 (CORS). Start with --origin http://localhost:9 if this is your app.',
    ];
    await program.until(/jwks.*\n.*CORS.*\n/);
    let rest = program.text;
    for (const line of said) {
      assert.ok(rest.includes(line), `${line}\nis not in\n${rest}`);
      rest = rest.slice(rest.indexOf(line) + line.length);
    }
    const secrets = [location.searchParams.get('code'), tokens.access_token, tokens.refresh_token, tokens.id_token, request.verifier];
    for (const secret of secrets) assert.ok(!program.text.includes(secret));
    await stop(program);
  });

  it('takes tenants and users from a file', async () => {
    const file = path.join(folder, 'own.json');
    await writeFile(file, JSON.stringify({ users: [{ email: 'eve@evil.example', password: 'apple', tenant: 'evil' }] }));
    const program = start(['--users', file, '--client-id', 'mine', '--plain']);
    await program.until(/eve@evil\.example +apple +evil\n/);
    assert.match(program.text, /issuer: "http:\/\/localhost:\d+",\n {2}clientId: "mine",/);
    await stop(program);
  });
});

describe('the package', () => {
  it('has what it needs to run in an empty folder', async () => {
    const app = path.join(folder, 'app');
    const modules = path.join(app, 'node_modules');
    await mkdir(path.join(modules, 'wristband-local-provider'), { recursive: true });
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const { stdout } = await run(npm, ['pack', '--json', '--loglevel=error', '--pack-destination', folder], { cwd: ROOT });
    const [{ filename, files }] = JSON.parse(stdout);
    assert.ok(files.some(({ path: name }) => name === 'LICENSE-MIT') && files.every(({ path: name }) => !name.startsWith('test/')));
    await run('tar', ['-xzf', path.join(folder, filename), '--strip-components=1', '-C', path.join(modules, 'wristband-local-provider')]);
    // What npm would install beside it.
    for (const name of await readdir(path.join(ROOT, 'node_modules'))) {
      if (!name.startsWith('.')) await symlink(path.join(ROOT, 'node_modules', name), path.join(modules, name), 'dir');
    }
    const { bin } = JSON.parse(await readFile(path.join(modules, 'wristband-local-provider/package.json'), 'utf8'));
    const program = start([], { main: path.join(modules, 'wristband-local-provider', bin), cwd: app });
    await program.until(/The API answers/);
    await stop(program);
    const script = "const { startProvider } = await import('wristband-local-provider'); const p = await startProvider(); console.log(p.appSettings.clientId); await p.close();";
    const imported = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: app });
    assert.equal(imported.stdout, 'demospaclient0000000000001\n');
  });
});
