// Folders for apps, with the package in them as npm installs it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

export const EXAMPLES = here('../../../examples');

/**
 * Makes an empty folder, and installs the package from its tarball, which the variable `PACKAGE` names. Everything else an app needs
 * is found in the parent folders, as the lock file in `base` has it.
 */
export async function scratch(name, base = here('..')) {
  assert.ok(process.env.PACKAGE, 'PACKAGE has to be the path of the tarball that `npm pack` has made.');
  const folder = path.join(base, 'target', name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const install = ['install', '--prefix', folder, '--offline', '--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
  await promisify(execFile)(npm, [...install, path.resolve(process.env.PACKAGE)], { cwd: folder });
  return folder;
}

/** The same with one of the examples in it. */
export async function example(name, as = name, base = undefined) {
  const folder = await scratch(as, base);
  const isOwn = (file) => !/[/\\](node_modules|dist|\.next|\.svelte-kit|\.angular)$/.test(file);
  await cp(path.join(EXAMPLES, name), folder, { recursive: true, filter: isOwn });
  return folder;
}

/** Replaces a string in a file, atomically: a watcher of the file must not see half of it. */
export async function change(file, from, to) {
  const text = await readFile(file, 'utf8');
  assert.ok(text.includes(from), `${path.basename(file)} has no ${from}.`);
  await writeFile(`${file}~`, text.replace(from, to));
  await rename(`${file}~`, file);
}
