// The example for Vue on Vite's dev server. It runs in its own process: a build makes everything after it a production build as well.
import { createServer } from 'vite';
import { example } from '../../packaging/support/scratch.js';
import { livesThrough } from '../support/life.js';
import { DEV_POLICY, devServer } from '../support/vite.js';

const root = await example('vue', 'vue-dev', import.meta.dirname);

livesThrough({ start: devServer(createServer, root), policy: { ...DEV_POLICY, policies: 'vue' } });
