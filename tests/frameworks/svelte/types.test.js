// The types of the binding and of the example, with the app's own settings for TypeScript.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { example } from '../../packaging/support/scratch.js';

const tool = (name) => path.join(import.meta.dirname, 'node_modules', name);

test('the types of the binding for Svelte', async () => {
  const root = await example('sveltekit', 'sveltekit-types', import.meta.dirname);
  await copyFile(path.join(import.meta.dirname, 'variants/types.ts'), path.join(root, 'src/lib/types.ts'));
  const run = (...command) => promisify(execFile)(process.execPath, command, { cwd: root });
  await run(tool('@sveltejs/kit/svelte-kit.js'), 'sync');
  // The errors are in the output, which the exception would not show.
  const { stdout } = await run(tool('svelte-check/bin/svelte-check'), '--output', 'human', '--fail-on-warnings').catch((error) => error);
  assert.match(stdout, /found 0 errors and 0 warnings/);
});
