// webpack 5, without a setting for the package.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import webpack from 'webpack';
import { WASM } from './support/policies.js';
import { wholeSession } from './support/session.js';
import { files, visit } from './support/stage.js';
import { tinyApp } from './support/tiny.js';

async function built(name) {
  const { root, entry, dist } = await tinyApp(name, { classic: true });
  const stats = await promisify(webpack)({
    mode: 'production', context: root, entry, output: { path: dist, filename: 'app.js' }, performance: false,
  });
  assert.equal(stats.toString({ all: false, errors: true, warnings: true }), '');
  return dist;
}

test('webpack', async () => {
  const folder = await built('webpack');
  await visit({ start: files(folder) }, wholeSession);
  assert.equal((await readdir(folder)).filter((name) => path.extname(name) === '.wasm').length, 1);
});

test('webpack, with the session in the page', async () => {
  const start = files(await built('webpack-page'));
  await visit({ start, settings: { vault: 'page' }, policy: { script: WASM } }, async ({ app }) => {
    await app.open();
    await app.says(/^Signed out$/);
  });
});
