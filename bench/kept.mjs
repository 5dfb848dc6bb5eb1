// The raw numbers of the last run, for other evaluations.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const KEPT = fileURLToPath(new URL('../target/bench/', import.meta.url));

const fileOf = (name) => path.join(KEPT, `${name}.json`);

export function keep(name, figures) {
  mkdirSync(KEPT, { recursive: true });
  writeFileSync(fileOf(name), `${JSON.stringify(figures)}\n`);
}

/** The numbers of this name, if a run stored some. */
export const kept = (name) => (existsSync(fileOf(name)) ? JSON.parse(readFileSync(fileOf(name), 'utf8')) : undefined);
