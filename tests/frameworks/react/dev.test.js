// The examples for React in Vite's dev server. It runs in its own process: a build makes everything after it a production build as well.
import { describe } from 'node:test';
import { devServer, NONCE } from '../../packaging/support/vite-dev.js';
import { livesThrough } from '../support/life.js';
import { APPS } from './support/apps.js';

// React's refresh is an inline script, and Vite adds inline styles.
const policy = { script: `'nonce-${NONCE}'`, style: `'nonce-${NONCE}'` };

for (const [name, make] of Object.entries(APPS)) {
  const root = await make('dev');
  describe(`${name}: Vite dev server`, () => livesThrough({ start: devServer(root), policy }));
}
