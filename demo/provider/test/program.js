// The program, as people start it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));

/** Starts the program on free ports. `text` is what it has printed; `until` waits for a pattern in it, and rejects if the program ends first. */
export function start(words, { main = MAIN, cwd } = {}) {
  const child = spawn(process.execPath, [main, '--port', '0', '--api-port', '0', '--exit-with-stdin', ...words], { cwd });
  const program = { child, text: '', errors: '', ended: once(child, 'close').then(([code]) => code), until };
  child.stdout.on('data', (chunk) => (program.text += chunk));
  child.stderr.on('data', (chunk) => (program.errors += chunk));

  async function until(pattern) {
    const end = program.ended.then(() => { throw new Error(`The program has ended: ${program.errors}`); });
    end.catch(() => {});
    while (!pattern.test(program.text)) await Promise.race([once(child.stdout, 'data'), end]);
    return pattern.exec(program.text);
  }

  return program;
}
