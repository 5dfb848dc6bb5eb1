// Slows the processor for all renderers, and so for every kind of worker: compiles `brake.c`, and controls it.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { KEPT } from '../kept.mjs';

const SOURCE = fileURLToPath(new URL('brake.c', import.meta.url));

/** Compiles the brake. Returns its path, or nothing if that fails: it needs a C compiler, and Linux. */
export function compileBrake() {
  if (process.platform !== 'linux') return undefined;
  mkdirSync(KEPT, { recursive: true });
  const program = path.join(KEPT, 'brake');
  const { status } = spawnSync(process.env.CC || 'cc', ['-O2', '-o', program, SOURCE], { stdio: ['ignore', 'inherit', 'inherit'] });
  return status === 0 ? program : undefined;
}

export class Brake {
  #process;

  constructor(program) {
    this.#process = spawn(program, { stdio: ['pipe', 'inherit', 'inherit'] });
  }

  set(rate) {
    this.#process.stdin.write(`${rate}\n`);
  }

  /** Resumes all processes, and ends. */
  release() {
    this.#process.stdin.end();
  }
}
