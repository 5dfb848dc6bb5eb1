// The example for Next in its dev server.
import { example } from '../../packaging/support/scratch.js';
import { livesThrough } from '../support/life.js';
import { nextServer, NONCE } from './support/server.js';

const root = await example('next', 'dev', import.meta.dirname);
const start = await nextServer(root, 'dev');

// In development React evaluates strings, and Next's overlay has styles and fonts of its own.
livesThrough({ start, policy: { script: `'nonce-${NONCE}' 'unsafe-eval'`, style: "'unsafe-inline'", font: "'self'", hasTrustedTypes: false } });
