// Measures this library beside the others: `cargo xtask bench`. With `--out FOLDER` it writes the page there, with `--quick` it only tries
// whether everything works, `--only a,b` takes these candidates, and `--phases size,init,first,stay,tabs` these parts.
import os from 'node:os';
import { parseArgs } from 'node:util';
import { candidates as everybody } from './candidates.mjs';
import { KEPT, keep } from './kept.mjs';
import { openLab, versionOf } from './lab.mjs';
import { COUNTS, init, settingsOf, sizes, stay, storms, visits } from './measures.mjs';
import { report } from './report.mjs';

const { values } = parseArgs({ options: { out: { type: 'string' }, quick: { type: 'boolean' }, only: { type: 'string' }, phases: { type: 'string' } } });
const counts = values.quick ? COUNTS.quick : COUNTS.full;
const only = values.only?.split(',');
const phases = values.phases?.split(',');
const candidates = everybody.filter(({ name }) => !only || only.includes(name));
const runnable = candidates.filter(({ sizeOnly }) => !sizeOnly);
const settings = settingsOf(runnable);

const problems = {};
/** What one candidate cannot do is told at the end, and the others go on. */
async function attempt(what, work) {
  try {
    await work();
  } catch (error) {
    const problem = `${what}: ${error.message.split('\n')[0]}`;
    problems[problem] = (problems[problem] ?? 0) + 1;
    if (problems[problem] === 1) console.error(problem);
  }
}

const lab = await openLab(candidates);
const results = {
  date: new Date().toISOString().slice(0, 10),
  machine: `${os.cpus().length} × ${os.cpus()[0]?.model}, ${Math.round(os.totalmem() / 2 ** 30)} GiB`,
  system: `${os.type()} ${os.release()}`,
  chromium: lab.browser.version(),
  node: process.version,
  load: os.loadavg()[0],
  counts,
  versions: Object.fromEntries(candidates.map((candidate) => [candidate.name, versionOf(candidate)])),
};
const parts = {
  size: async () => { results.size = await sizes(lab, candidates, attempt); },
  init: async () => { results.init = await init(lab, runnable, attempt, counts); },
  first: async () => { Object.assign(results, await visits(lab, settings, attempt, counts)); },
  stay: async () => { Object.assign(results, await stay(lab, settings, attempt, counts)); },
  tabs: async () => { results.tabs = await storms(lab, runnable, attempt, counts); },
};
for (const [name, work] of Object.entries(parts)) {
  if (phases && !phases.includes(name)) continue;
  console.error(`Measuring: ${name}`);
  await work();
}
results.problems = problems;
await lab.close();
keep('bench', results);
report(results, settings, values.out ?? KEPT);
