// An example on Vite's dev server, and as Vite builds it. Each folder of tests has the version of Vite that its plugins fit.
import path from 'node:path';
import { files } from '../../packaging/support/stage.js';
import { devServer, NONCE } from '../../packaging/support/vite-dev.js';

/** Vite's client adds styles, and a framework's may be an inline script. */
export const DEV_POLICY = { script: `'nonce-${NONCE}'`, style: `'nonce-${NONCE}'` };

export { devServer };

/** Builds an app, and returns its host. */
export async function built(build, root) {
  await build({ root, logLevel: 'warn' });
  return files(path.join(root, 'dist'));
}
