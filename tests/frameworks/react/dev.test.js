// The examples for React in Vite's dev server. It runs in its own process: a build makes everything after it a production build as well.
import { describe } from 'node:test';
import { createServer } from 'vite';
import { livesThrough } from '../support/life.js';
import { DEV_POLICY, devServer } from '../support/vite.js';
import { APPS } from './support/apps.js';

for (const [name, make] of Object.entries(APPS)) {
  const root = await make('dev');
  describe(`${name}: Vite dev server`, () => livesThrough({ start: devServer(createServer, root), policy: DEV_POLICY }));
}
