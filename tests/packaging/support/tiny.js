// The example without a bundler, as an app with a bundler writes it: with the package by its name.
import { copyFile, cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { change, example } from './scratch.js';

/**
 * Returns the `entry` to bundle, and the folder `dist` with everything else: the bundle is expected there as `app.js`. With
 * `classic` the page loads it as a classic script.
 */
export async function tinyApp(name, { classic = false } = {}) {
  const root = await example('vanilla', name);
  const entry = path.join(root, 'app.js');
  const dist = path.join(root, 'dist');
  await copyFile(path.join(root, 'public/app.js'), entry);
  await change(entry, '"/wristband-spa-auth/index.js"', '"wristband-spa-auth"');
  await cp(path.join(root, 'public'), dist, { recursive: true, filter: (file) => !file.endsWith('.js') });
  if (classic) await change(path.join(dist, 'index.html'), 'type="module"', 'defer');
  return { root, entry, dist, output: path.join(dist, 'app.js') };
}

/** Copies the two files of the vault to a folder of the app, as an app does whose bundler does not find them. */
export async function copyVault({ root, dist }, folder) {
  await mkdir(path.join(dist, folder), { recursive: true });
  for (const name of ['vault.js', 'vault.wasm']) {
    await copyFile(path.join(root, 'node_modules/wristband-spa-auth/dist', name), path.join(dist, folder, name));
  }
}

/** The URLs of the copies, as an option of the app. */
export const vaultIn = (folder) => ({ workerUrl: `${folder}/vault.js`, wasmUrl: `${folder}/vault.wasm` });
