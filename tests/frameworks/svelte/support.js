// The example for SvelteKit on a static host.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { files } from '../../packaging/support/stage.js';

/** Svelte makes a policy of its own, and SvelteKit's announcer of routes has an inline style. */
export const PAGE_POLICY = {
  policies: 'svelte-trusted-html', style: "'unsafe-hashes' 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='",
};

/** Builds an app, and returns its host, and the policy with the digest of the script in its page. */
export async function built(root) {
  // SvelteKit builds the app in the folder in which the process has started.
  await promisify(execFile)(process.execPath, [fileURLToPath(new URL('node_modules/vite/bin/vite.js', import.meta.url)), 'build'], { cwd: root });
  const folder = path.join(root, 'build');
  const [, script] = /<script>([^]*?)<\/script>/.exec(await readFile(path.join(folder, 'index.html'), 'utf8'));
  const digest = createHash('sha256').update(script).digest('base64');
  return { start: files(folder), policy: { ...PAGE_POLICY, script: `'sha256-${digest}'` } };
}
