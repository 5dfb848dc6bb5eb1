// Programs that the tests start, none of which outlives them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const running = new Set();

/** Each program leads a process group, which contains everything that it starts. */
function kill({ pid }) {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch (error) {
    // All of them have ended already.
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Starts a program, with additional environment variables. Its output can be read. */
export async function start(program, parameters, variables = {}) {
  const child = spawn(program, parameters, {
    detached: true,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child, 'spawn').catch((error) => {
    throw new Error(`${program} could not be started: ${error.message}.`, { cause: error });
  });
  running.add(child);
  const ended = once(child, 'exit').then(() => running.delete(child));
  return {
    output: child.stdout,
    ended,
    isRunning: () => running.has(child),
    async stop() {
      kill(child);
      await ended;
    },
  };
}

process.on('exit', () => {
  for (const child of running) kill(child);
});
// The end by a signal does not emit `exit`, unless a handler exits.
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) process.once(signal, () => process.exit(code));
