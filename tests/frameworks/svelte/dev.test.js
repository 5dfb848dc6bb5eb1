// The example for SvelteKit on Vite's dev server. It runs in its own process: a build makes everything after it a production build as well.
import { createServer } from 'vite';
import { example } from '../../packaging/support/scratch.js';
import { livesThrough } from '../support/life.js';
import { devServer } from '../support/vite.js';
import { PAGE_POLICY } from './support.js';

const root = await example('sveltekit', 'sveltekit-dev', import.meta.dirname);
// SvelteKit looks for its configuration here.
process.chdir(root);

// SvelteKit's page starts with an inline script, and Vite adds inline styles.
livesThrough({ start: devServer(createServer, root), policy: { ...PAGE_POLICY, script: "'unsafe-inline'", style: "'unsafe-inline'" } });
