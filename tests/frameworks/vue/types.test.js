// The types of the binding, with the app's own settings for TypeScript.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { example } from '../../packaging/support/scratch.js';

test('the types of the binding for Vue', async () => {
  const root = await example('vue', 'vue-types', import.meta.dirname);
  await copyFile(path.join(import.meta.dirname, 'variants/types.ts'), path.join(root, 'src/types.ts'));
  const compiler = path.join(import.meta.dirname, 'node_modules/vue-tsc/bin/vue-tsc.js');
  // The compiler's errors are in its output, which the exception would not show.
  const said = await promisify(execFile)(process.execPath, [compiler], { cwd: root }).then(() => '', ({ stdout }) => stdout);
  assert.equal(said, '');
});
