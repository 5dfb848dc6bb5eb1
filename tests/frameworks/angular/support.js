// The example for Angular, built and served by its own tools.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { promisify, stripVTControlCharacters } from 'node:util';
import { files } from '../../packaging/support/stage.js';
import { proxy } from '../support/proxy.js';

/** Angular makes a policy of its own, and its page has a `<base>`. */
export const PAGE_POLICY = { policies: 'angular', base: "'self'" };

/** What `ng` runs, without its check of Node's version: the examples have to work on the oldest one. */
const ARCHITECT = path.join(import.meta.dirname, 'node_modules/@angular-devkit/architect/bin/cli.js');
const env = { ...process.env, NG_CLI_ANALYTICS: 'false', NG_BUILD_LOGS_RAW: '1' };

/** Builds an app, and returns its host. */
export async function built(root) {
  await promisify(execFile)(process.execPath, [ARCHITECT, 'app:build'], { cwd: root, env });
  return files(path.join(root, 'dist/app/browser'));
}

/** Starts the dev server, and returns a host in front of it. */
export async function served(root) {
  const options = ['app:serve', '--port=0', '--live-reload=false', '--hmr=false'];
  const server = spawn(process.execPath, [ARCHITECT, ...options], { cwd: root, env, stdio: ['ignore', 'pipe', 'ignore'] });
  after(async () => {
    server.kill();
    await once(server, 'exit');
  });
  for await (const line of createInterface({ input: server.stdout })) {
    const [, url] = /Local:\s+(http\S+)/.exec(stripVTControlCharacters(line)) ?? [];
    if (url) {
      server.stdout.resume();
      return proxy(url);
    }
  }
  throw new Error('The dev server has ended.');
}
