// Measures this library and the others: `cargo xtask bench`. With `--out FOLDER` it writes the page there, with `--quick` it only checks
// that everything works, `--only a,b` selects candidates, and `--phases size,init,first,stay,tabs` selects parts.
import { parseArgs } from 'node:util';
import { candidates as everybody } from './candidates.mjs';
import { KEPT, keep } from './kept.mjs';
import { openLab } from './lab.mjs';
import { COUNTS, init, settingsOf, sizes, stay, storms, visits } from './measures.mjs';
import { report } from './report.mjs';
import { attempts, machine } from './run.mjs';

const { values } = parseArgs({ options: { out: { type: 'string' }, quick: { type: 'boolean' }, only: { type: 'string' }, phases: { type: 'string' } } });
const counts = values.quick ? COUNTS.quick : COUNTS.full;
const only = values.only?.split(',');
const phases = values.phases?.split(',');
const candidates = everybody.filter(({ name }) => !only || only.includes(name));
const runnable = candidates.filter(({ sizeOnly }) => !sizeOnly);
const settings = settingsOf(runnable);

const { attempt, problems } = attempts();
const lab = await openLab(candidates);
const results = { ...machine(lab.browser, candidates), counts };
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
