// No bundler: the package's own files, next to the page.
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { example } from './support/scratch.js';
import { otherSignIns, wholeSession } from './support/session.js';
import { files, visit } from './support/stage.js';

describe('A plain page without a bundler', () => {
  let folder;
  before(async () => {
    const root = await example('vanilla');
    folder = path.join(root, 'public');
    await cp(path.join(root, 'node_modules/wristband-spa-auth/dist'), path.join(folder, 'wristband-spa-auth'), { recursive: true });
  });

  test('a whole session', () => visit({ start: files(folder) }, wholeSession));

  test('failed sign-ins and sign-ins started by Wristband', () => visit({ start: files(folder) }, otherSignIns));
});
