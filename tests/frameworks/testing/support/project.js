// A project of this folder, with the packages in it as npm installs them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { scratch } from '../../../packaging/support/scratch.js';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const run = promisify(execFile);

/** A folder with the files of some projects and the package. Everything else is found in the parent folders, as the lock file has it. */
export async function project(...names) {
  const root = await scratch(names.at(-1), here('..'));
  for (const name of names) await cp(here(`../${name}`), root, { recursive: true });
  return root;
}

/** Adds the local provider, as `npm pack` packs it. */
export async function addProvider(root) {
  const folder = await mkdtemp(path.join(tmpdir(), 'provider-'));
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { stdout } = await run(npm, ['pack', '--json', '--loglevel=error', '--pack-destination', folder], { cwd: here('../../../../demo/provider') });
  const target = path.join(root, 'node_modules/wristband-local-provider');
  await mkdir(target, { recursive: true });
  await run('tar', ['-xzf', path.join(folder, JSON.parse(stdout)[0].filename), '--strip-components=1', '-C', target]);
}

/** Runs a tool of the lock file in a project, and answers what it printed. Its failure is the test's. */
export async function runIn(root, tool, words, env = {}) {
  const binaries = here('../node_modules/.bin');
  const options = { cwd: root, env: { ...process.env, NODE_TEST_CONTEXT: undefined, PATH: `${binaries}${path.delimiter}${process.env.PATH}`, ...env } };
  const { stdout, stderr, code } = await run(process.execPath, [here(`../node_modules/${tool}`), ...words], options).catch((error) => error);
  assert.ok(!code, `${tool} ${words.join(' ')}\n${stdout}\n${stderr}`);
  return `${stdout}\n${stderr}`;
}
