// esbuild, which leaves `new URL(…, import.meta.url)` alone: the app's author copies the vault.
import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { test } from 'node:test';
import { wholeSession } from './support/session.js';
import { files, visit } from './support/stage.js';
import { copyVault, tinyApp, vaultIn } from './support/tiny.js';

async function bundle({ entry, output }, options) {
  const { warnings } = await build({ entryPoints: [entry], outfile: output, bundle: true, minify: true, logLevel: 'silent', ...options });
  assert.deepEqual(warnings, []);
}

test('esbuild, with the vault next to the bundle', async () => {
  const app = await tinyApp('esbuild-adjacent');
  await bundle(app, { format: 'esm' });
  await copyVault(app, '.');
  await visit({ start: files(app.dist) }, wholeSession);
});

test('esbuild, as a classic script that does not know its own URL', async () => {
  const app = await tinyApp('esbuild-classic', { classic: true });
  await bundle(app, { format: 'iife', logOverride: { 'empty-import-meta': 'silent' } });
  await copyVault(app, 'vault');
  await visit({ start: files(app.dist), settings: vaultIn('/vault') }, wholeSession);
});
