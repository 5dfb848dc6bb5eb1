// The code of the documentation about tests is that of the projects here, which the other tests run.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const PROJECTS = ['app', 'jest-cjs', 'jest-esm', 'playwright', 'provider', 'storybook', 'vitest'];

async function sources() {
  const folders = await Promise.all(PROJECTS.map((name) => readdir(path.join(here, name), { recursive: true, withFileTypes: true })));
  const files = folders.flat().filter((entry) => entry.isFile());
  return Promise.all(files.map((entry) => readFile(path.join(entry.parentPath, entry.name), 'utf8')));
}

for (const page of ['testing', 'local-provider']) {
  test(`the code of docs/recipes/${page}.md is tested`, async () => {
    const text = (await readFile(new URL(`../../../docs/recipes/${page}.md`, import.meta.url), 'utf8')).replaceAll('\r\n', '\n');
    const blocks = [...text.matchAll(/^```(?:tsx?|js)\n([^]*?)\n```$/gm)].map(([, block]) => block);
    assert.ok(blocks.length > 2);
    const tested = await sources();
    for (const block of blocks) assert.ok(tested.some((source) => source.replaceAll('\r\n', '\n').includes(block)), block);
  });
}
