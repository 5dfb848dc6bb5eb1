// Vite builds of the examples for React and Vue, without a setting for the package.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { build } from 'vite';
import { WASM } from './support/policies.js';
import { example } from './support/scratch.js';
import { otherSignIns, wholeSession } from './support/session.js';
import { files, visit } from './support/stage.js';

async function built(name) {
  const root = await example(name);
  await build({ root, logLevel: 'warn' });
  return path.join(root, 'dist');
}

// Vue creates a policy of its own when it is loaded.
for (const [name, policy, guarded] of [['react', {}, false], ['vue', { policies: 'vue' }, true]]) {
  describe(`Vite build, with the example: ${name}`, () => {
    let folder;
    before(async () => { folder = await built(name); });

    test('a whole session', () => visit({ start: files(folder), policy, guarded }, wholeSession));

    test('failed sign-ins and sign-ins started by Wristband', () => visit({ start: files(folder), policy, guarded }, otherSignIns));

    test('a session in the page', async () => {
      await visit({ start: files(folder), settings: { vault: 'page' }, policy: { ...policy, script: WASM } }, async ({ app }) => {
        await app.open();
        await app.says(/^Signed out$/);
      });
    });

    test('the vault is among the files once', async () => {
      const vaults = (await readdir(path.join(folder, 'assets'))).filter((file) => file.startsWith('vault'));
      assert.deepEqual(vaults.map(path.extname).sort(), ['.js', '.wasm']);
    });
  });
}
