// The example without a bundler, as somebody writes it who has one: with the package by its name.
import { copyFile, cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { change, example } from './scratch.js';

/**
 * Answers the `entry` to be bundled, and the folder `dist` with everything else: the bundle is expected there as `app.js`. With
 * `classic` the page loads it as a script that is no module.
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

/** Copies the two files of the vault to a folder of the app, as whoever has a bundler that does not find them. */
export async function copyVault({ root, dist }, folder) {
  await mkdir(path.join(dist, folder), { recursive: true });
  for (const name of ['vault.js', 'vault.wasm']) {
    await copyFile(path.join(root, 'node_modules/wristband-spa-auth/dist', name), path.join(dist, folder, name));
  }
}

/** Where the copies are, as the app is told. */
export const vaultIn = (folder) => ({ workerUrl: `${folder}/vault.js`, wasmUrl: `${folder}/vault.wasm` });
