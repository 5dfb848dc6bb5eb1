// The types of the example, with its own settings for TypeScript.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { example } from '../../packaging/support/scratch.js';

test('the types of the example for Solid', async () => {
  const root = await example('solid', 'solid-types', import.meta.dirname);
  const compiler = path.join(import.meta.dirname, 'node_modules/typescript/bin/tsc');
  // The compiler's errors are in its output, which the exception would not show.
  const said = await promisify(execFile)(process.execPath, [compiler], { cwd: root }).then(() => '', ({ stdout }) => stdout);
  assert.equal(said, '');
});
