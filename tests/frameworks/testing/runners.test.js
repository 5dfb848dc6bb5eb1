// Test runners and environments in which apps use the fake session: that of each, with the configuration that the documentation shows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { project, runIn } from './support/project.js';

for (const environment of ['jsdom', 'happy-dom']) {
  test(`vitest with ${environment}`, async () => {
    const root = await project('app', 'vitest');
    assert.match(await runIn(root, 'vitest/vitest.mjs', ['run', '--environment', environment]), /6 passed/);
  });
}

test('Jest with ES modules', async () => {
  const root = await project('app', 'jest-esm');
  assert.match(await runIn(root, 'jest/bin/jest.js', [], { NODE_OPTIONS: '--experimental-vm-modules' }), /Tests: +6 passed/);
});

for (const config of ['jest.config.cjs', 'jest.swc.config.cjs']) {
  test(`Jest with CommonJS: ${config}`, async () => {
    const root = await project('app', 'jest-cjs');
    assert.match(await runIn(root, 'jest/bin/jest.js', ['--config', config]), /Tests: +6 passed/);
  });
}

test('Storybook\'s stories', async () => {
  const root = await project('app', 'storybook');
  assert.match(await runIn(root, 'vitest/vitest.mjs', ['run']), /3 passed/);
});

test('the types of the apps and their tests', async () => {
  for (const name of ['vitest', 'jest-esm', 'jest-cjs', 'storybook']) {
    const root = await project('app', name);
    assert.equal((await runIn(root, 'typescript/bin/tsc', [])).trim(), '', name);
  }
});
