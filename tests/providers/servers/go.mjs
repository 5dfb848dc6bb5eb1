// Compiles a program in Go, once.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { need, onceFor, toolPath } from './process.mjs';

/** Compiles `program` of the Go module that `module` (a go.mod) requires. SQLite and the like are written in C. `flags` are those of `go build`. */
async function build({ binary, product, version, module, program, flags }) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'go-'));
  try {
    await writeFile(path.join(folder, 'go.mod'), module);
    await need(`${product} ${version} cannot be fetched and built with this Go.`, 'go',
      ['build', '-mod=mod', ...flags, '-o', binary, program], { cwd: folder, env: { ...process.env, CGO_ENABLED: '1' } });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The path of a program that `installGo` has compiled. */
export const goProgram = (name) => toolPath('go', 'bin', name);

/** Compiles the program unless this version is there. */
export async function installGo({ name, product, version, module, program, flags = [] }) {
  await onceFor(toolPath('go', name), version, async () => {
    const reason = `${product} needs Go and a C compiler (go, cc).`;
    await need(reason, 'go', ['version']);
    await need(reason, 'cc', ['--version']);
    await build({ binary: goProgram(name), product, version, module, program, flags });
  });
}
