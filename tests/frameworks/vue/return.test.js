// Law 4 with every way in which an app can wait for the session: Vue Router has read the URL of the callback before it is replaced.
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'vite';
import { change, example } from '../../packaging/support/scratch.js';
import { livesThrough } from '../support/life.js';
import { built } from '../support/vite.js';

const NAVIGATE = ['createAuth(options)', 'createAuth({ ...options, navigate: (path) => router.replace(path) })'];

const VARIANTS = {
  'createAuth awaited in beforeEach': { main: 'awaited.ts' },
  'createAuth awaited in beforeEach, with navigate': { main: 'awaited.ts', edit: NAVIGATE },
  'the plugin without the router': { main: 'without-router.ts' },
};

// All apps are built before the first test runs: the browser ends with the last test that is known.
const apps = [];
for (const [index, [as, { main, edit }]] of Object.entries(VARIANTS).entries()) {
  const root = await example('vue', `vue-return-${index}`, import.meta.dirname);
  await copyFile(path.join(import.meta.dirname, 'variants', main), path.join(root, 'src/main.ts'));
  if (edit) await change(path.join(root, 'src/main.ts'), ...edit);
  apps.push({ start: await built(build, root), policy: { policies: 'vue' }, as });
}
apps.forEach(livesThrough);
