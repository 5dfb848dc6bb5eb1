// Production builds of the examples for React.
import path from 'node:path';
import { describe } from 'node:test';
import { build } from 'vite';
import { files } from '../../packaging/support/stage.js';
import { livesThrough } from '../support/life.js';
import { APPS } from './support/apps.js';

for (const [name, make] of Object.entries(APPS)) {
  const root = await make('build');
  await build({ root, logLevel: 'warn' });
  describe(`${name}: Vite build`, () => livesThrough({ start: files(path.join(root, 'dist')) }));
}
