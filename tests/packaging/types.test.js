// The examples use what the package offers, in TypeScript at its strictest, and name the versions that the tests use.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EXAMPLES, example } from './support/scratch.js';

const read = async (file) => JSON.parse(await readFile(file, 'utf8'));
const tool = (name) => fileURLToPath(new URL(`node_modules/${name}`, import.meta.url));

for (const [name, compiler] of [['react', 'typescript/bin/tsc'], ['vue', 'vue-tsc/bin/vue-tsc.js']]) {
  test(`The types of the example: ${name}`, async () => {
    const root = await example(name, `${name}-types`);
    // The compiler's errors are in its output, which the exception would not show.
    const said = await promisify(execFile)(process.execPath, [tool(compiler)], { cwd: root }).then(() => '', ({ stdout }) => stdout);
    assert.equal(said, '');
  });
}

for (const name of ['react', 'vue', 'vanilla']) {
  test(`The versions that the example names: ${name}`, async () => {
    const { devDependencies: tested } = await read(new URL('package.json', import.meta.url));
    const { version } = await read(new URL('../../pkg/package.json', import.meta.url));
    const { dependencies, devDependencies } = await read(path.join(EXAMPLES, name, 'package.json'));
    const known = { ...tested, 'wristband-spa-auth': version };
    // The server of the plain page is not part of it.
    const { 'sirv-cli': _, ...named } = { ...dependencies, ...devDependencies };
    assert.deepEqual(named, Object.fromEntries(Object.keys(named).map((each) => [each, `^${known[each]}`])));
  });
}
