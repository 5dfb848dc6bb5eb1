// Uses the npm package for a long time, with faults all around it: `cargo xtask soak`. It needs `pkg/dist` (`cargo xtask
// build pkg`, or the folder that `DIST` names), the packages of `tests/e2e` and `demo/provider`, and Chromium (`CHROMIUM`).
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { misuse, unproven } from './prove.mjs';
import { failuresOf, markdown } from './report.mjs';
import { soak } from './run.mjs';
import { copyPackage } from './world.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    vault: { type: 'string', default: 'both' },
    out: { type: 'string', default: fileURLToPath(new URL('../../target/soak', import.meta.url)) },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    prove: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes ?? (values.prove ? 1.5 : 25));
const seed = Number(values.seed);
if (!(minutes > 0) || !Number.isSafeInteger(seed)) throw new Error('--minutes and --seed must be numbers.');
const vaults = { both: ['shared', 'worker'], shared: ['shared'], worker: ['worker'] }[values.vault];
if (!vaults) throw new Error('--vault must be shared, worker or both.');

const files = await copyPackage();
const runs = [];
for (const vault of vaults) {
  const begun = Date.now();
  const say = (text) => console.log(`${String(Math.round((Date.now() - begun) / 1000)).padStart(5)} s  ${vault}: ${text}`);
  say(`${minutes} minutes, seed ${seed}`);
  runs.push({ digest: files.digest, ...await soak({ folder: files.folder, vault, minutes, seed, say, misuse: values.prove ? misuse : undefined }) });
}
await files.remove();

await mkdir(values.out, { recursive: true });
for (const run of runs) await writeFile(path.join(values.out, `soak-${run.vault}.json`), `${JSON.stringify(run, null, 1)}\n`);
await writeFile(path.join(values.out, 'soak.md'), markdown(runs));
console.log(`\n${markdown(runs)}`);

const problems = values.prove
  ? runs.flatMap((run) => unproven(run).map((name) => `${run.vault}: ${name} did not count.`))
  : runs.flatMap((run) => Object.entries(failuresOf(run)).filter(([, count]) => count > 0).map(([name, count]) => `${run.vault}: ${count} ${name}.`));
for (const problem of problems) console.log(problem);
process.exit(problems.length ? 1 : 0);
