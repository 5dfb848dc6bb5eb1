// What every run records: its environment and its failures.
import os from 'node:os';
import { versionOf } from './lab.mjs';

export const machine = (browser, candidates) => ({
  date: new Date().toISOString().slice(0, 10),
  machine: `${os.cpus().length} × ${os.cpus()[0]?.model}, ${Math.round(os.totalmem() / 2 ** 30)} GiB`,
  system: `${os.type()} ${os.release()}`,
  chromium: browser.version(),
  node: process.version,
  load: os.loadavg()[0],
  versions: Object.fromEntries(candidates.map((candidate) => [candidate.name, versionOf(candidate)])),
});

/** Runs work that may fail. The report lists each failure, and the other candidates continue. */
export function attempts() {
  const problems = {};
  return {
    problems,
    async attempt(what, work) {
      try {
        await work();
      } catch (error) {
        const problem = `${what}: ${error.message.split('\n')[0]}`;
        problems[problem] = (problems[problem] ?? 0) + 1;
        if (problems[problem] === 1) console.error(problem);
      }
    },
  };
}
