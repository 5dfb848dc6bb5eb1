// The examples and the documentation for React, in TypeScript at its strictest, and the versions that the examples name.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EXAMPLES, example } from '../../packaging/support/scratch.js';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const read = async (file) => JSON.parse(await readFile(file, 'utf8'));

/** The compiler's errors for an app. */
const errorsOf = (root) =>
  promisify(execFile)(process.execPath, [here('node_modules/typescript/bin/tsc')], { cwd: root }).then(() => '', ({ stdout }) => stdout);

/** The blocks of a page in a language. */
const blocksOf = async (page, language) => {
  const text = await readFile(here(`../../../docs/${page}`), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, block]) => block);
};

for (const name of ['react', 'tanstack-router']) {
  test(`the types of the example: ${name}`, async () => {
    assert.equal(await errorsOf(await example(name, `types-${name}`, here('.'))), '');
  });
}

test('the types of the components and hooks', async () => {
  const root = await example('react', 'types-binding', here('.'));
  await copyFile(here('support/types.tsx'), path.join(root, 'src/types.tsx'));
  assert.equal(await errorsOf(root), '');
});

for (const page of ['start/react.md', 'recipes/protect-a-route.md']) {
  test(`the types of the documentation: ${page}`, async () => {
    const root = await example('react', `types-${path.basename(page, '.md')}`, here('.'));
    const blocks = await blocksOf(page, 'tsx');
    assert.ok(blocks.length >= 2);
    await writeFile(path.join(root, 'src/Invoice.tsx'), 'export const Invoice = () => null;\n');
    await Promise.all(blocks.map((block, index) => writeFile(path.join(root, `src/block-${index}.tsx`), block)));
    assert.equal(await errorsOf(root), '');
  });
}

for (const [name, folder] of [['react', '.'], ['tanstack-router', '.'], ['next', '../next']]) {
  test(`the versions that the example names: ${name}`, async () => {
    const { devDependencies: tested } = await read(here(`${folder}/package.json`));
    const { version } = await read(here('../../../pkg/package.json'));
    const { dependencies, devDependencies } = await read(path.join(EXAMPLES, name, 'package.json'));
    const known = { ...tested, 'wristband-spa-auth': version };
    const named = { ...dependencies, ...devDependencies };
    assert.deepEqual(named, Object.fromEntries(Object.keys(named).map((each) => [each, `^${known[each]}`])));
  });
}
