// Rollup, which leaves `new URL(…, import.meta.url)` alone: the app's author copies the vault.
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { test } from 'node:test';
import { rollup } from 'rollup';
import { wholeSession } from './support/session.js';
import { files, visit } from './support/stage.js';
import { copyVault, tinyApp, vaultIn } from './support/tiny.js';

async function built(name, folder) {
  const app = await tinyApp(name);
  const onwarn = (warning) => { throw new Error(warning.message); };
  const bundle = await rollup({ input: app.entry, plugins: [nodeResolve()], onwarn });
  await bundle.write({ file: app.output });
  await bundle.close();
  await copyVault(app, folder);
  return app.dist;
}

test('Rollup, with the vault next to the bundle', async () => {
  await visit({ start: files(await built('rollup-adjacent', '.')) }, wholeSession);
});

test('Rollup, with the vault in another folder', async () => {
  await visit({ start: files(await built('rollup-elsewhere', 'vault')), settings: vaultIn('/vault') }, wholeSession);
});
