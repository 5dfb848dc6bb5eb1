// The example for Next: `next build` and `next start`.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { after } from 'node:test';
import { promisify } from 'node:util';
import { example } from '../../packaging/support/scratch.js';
import { livesThrough } from '../support/life.js';
import { nextServer, NONCE } from './support/server.js';

const root = await example('next', 'build', import.meta.dirname);
const cli = createRequire(import.meta.url).resolve('next/dist/bin/next');
await promisify(execFile)(process.execPath, [cli, 'build'], { cwd: root, env: { ...process.env, NODE_ENV: 'production' } });
const { start, close } = await nextServer(root, { dev: false });
after(close);

// Next's pages have inline scripts, and Turbopack loads scripts by URLs that are plain strings.
livesThrough({ start, policy: { script: `'nonce-${NONCE}'`, trustedTypes: false } });
