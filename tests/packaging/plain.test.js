// No bundler at all: the package's own files beside the page.
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { example } from './support/scratch.js';
import { wholeSession } from './support/session.js';
import { files, visit } from './support/stage.js';

test('A plain page without a bundler', async () => {
  const root = await example('vanilla');
  const folder = path.join(root, 'public');
  await cp(path.join(root, 'node_modules/wristband-spa-auth/dist'), path.join(folder, 'wristband-spa-auth'), { recursive: true });
  await visit({ start: files(folder) }, wholeSession);
});
