// The examples for React, and the same without what makes the return from a login certain.
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { change, example } from '../../../packaging/support/scratch.js';

const BASE = fileURLToPath(new URL('..', import.meta.url));

const main = (root) => path.join(root, 'src/main.tsx');

/** What each app is called, and how its folder is made. The name of the folder starts with `as`. */
export const APPS = {
  'React Router': (as) => example('react', `${as}-router`, BASE),
  'React Router, without `navigate`': async (as) => {
    const root = await example('react', `${as}-router-alone`, BASE);
    await change(main(root), '{{ ...options, navigate }}', '{options}');
    return root;
  },
  'React Router in its declarative mode, without `navigate`': async (as) => {
    const root = await example('react', `${as}-router-declarative`, BASE);
    await copyFile(path.join(BASE, 'support/declarative.tsx'), main(root));
    return root;
  },
  'TanStack Router': (as) => example('tanstack-router', `${as}-tanstack`, BASE),
  'TanStack Router, without `navigate`': async (as) => {
    const root = await example('tanstack-router', `${as}-tanstack-alone`, BASE);
    await change(main(root), 'openAuth({ ...options, navigate: (path) => router.history.replace(path) })', 'openAuth(options)');
    return root;
  },
};
