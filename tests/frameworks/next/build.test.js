// The example for Next: `next build` and `next start`.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { example } from '../../packaging/support/scratch.js';
import { livesThrough } from '../support/life.js';
import { ENV, nextServer, NONCE } from './support/server.js';

const root = await example('next', 'build', import.meta.dirname);
const cli = createRequire(import.meta.url).resolve('next/dist/bin/next');
await promisify(execFile)(process.execPath, [cli, 'build'], { cwd: root, env: { ...ENV, NODE_ENV: 'production' } });
const start = await nextServer(root, 'start');

// Next's pages have inline scripts, and Turbopack loads scripts by URLs that are plain strings.
livesThrough({ start, policy: { script: `'nonce-${NONCE}'`, hasTrustedTypes: false } });
