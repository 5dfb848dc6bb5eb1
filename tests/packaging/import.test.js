// Importing the package has no side effects: in Node, on a rendering server, in an app that does not use it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import * as esbuild from 'esbuild';
import { rollup } from 'rollup';
import * as vite from 'vite';
import webpack from 'webpack';
import { scratch } from './support/scratch.js';

/** A folder with the package and one module. */
async function moduleWith(name, text) {
  const root = await scratch(name);
  const entry = path.join(root, 'entry.js');
  await writeFile(entry, text);
  return { root, entry, dist: path.join(root, 'dist') };
}

test('importing the package in Node has no side effects', async () => {
  const root = await scratch('node');
  const program = `
    const before = Reflect.ownKeys(globalThis).length;
    const { createAuth, AuthError } = await import('wristband-spa-auth');
    const refusal = await createAuth({}).catch((error) => error);
    const added = Reflect.ownKeys(globalThis).length - before;
    console.log(JSON.stringify({ added, isKnown: refusal instanceof AuthError, code: refusal.code }));`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { cwd: root });
  assert.deepEqual(JSON.parse(stdout), { added: 0, isKnown: true, code: 'config_invalid' });
  assert.equal(stderr, '');
});

test('A rendering server can import the package', async () => {
  const { root, entry } = await moduleWith('ssr', 'export { createAuth } from "wristband-spa-auth";');
  const server = await vite.createServer({ root, configFile: false, appType: 'custom', server: { middlewareMode: true }, logLevel: 'error' });
  try {
    const { createAuth } = await server.ssrLoadModule(entry);
    await assert.rejects(createAuth({}), { code: 'config_invalid' });
  } finally {
    await server.close();
  }
});

const BUNDLERS = {
  async esbuild({ entry, dist }) {
    await esbuild.build({ entryPoints: [entry], outdir: dist, bundle: true, format: 'esm', logLevel: 'silent' });
  },
  async Rollup({ entry, dist }) {
    const bundle = await rollup({ input: entry, plugins: [nodeResolve()] });
    await bundle.write({ dir: dist });
    await bundle.close();
  },
  async Vite({ root, entry, dist }) {
    await vite.build({ root, configFile: false, logLevel: 'warn', build: { outDir: dist, rollupOptions: { input: entry } } });
  },
  async webpack({ root, entry, dist }) {
    await promisify(webpack)({ mode: 'production', context: root, entry, output: { path: dist } });
  },
};

for (const [name, bundle] of Object.entries(BUNDLERS)) {
  test(`${name} leaves the package out of an app that does not use it`, async () => {
    const app = await moduleWith(`unused-${name}`, 'import { createAuth } from "wristband-spa-auth"; console.log("app");');
    await bundle(app);
    const written = (await readdir(app.dist, { recursive: true, withFileTypes: true })).filter((each) => each.isFile());
    // Vite copies the files that a module refers to before it knows whether the module is used. No page loads them then.
    const scripts = written.filter((each) => !each.name.startsWith('vault'));
    assert.equal(scripts.length, 1, `There is more than the app: ${scripts.map((each) => each.name)}.`);
    const text = await readFile(path.join(scripts[0].parentPath, scripts[0].name), 'utf8');
    assert.match(text, /app/);
    assert.doesNotMatch(text, /vault|SharedWorker/);
  });
}
