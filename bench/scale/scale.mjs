// How a session grows with tabs, calls and time. `node bench/scale/scale.mjs --out FOLDER` measures all of it, with `--quick` a little
// of each. It needs `pkg/dist` (`cargo xtask build pkg`), the packages of `tests/e2e` and `demo/provider`, and Chromium (`CHROMIUM`).
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { keep } from '../kept.mjs';
import { markdown, pictures } from './report.mjs';
import { calls, day, tabs, visits } from './stories.mjs';

const FULL = {
  tabs: [1, 5, 20, 50],
  visits: [0, 25, 50, 75, 100],
  calls: [0, 100, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 9_000, 10_000],
  unread: [0, 100, 500, 1_000, 1_500, 2_000],
  atOnce: 100,
  day: { lifetime: 600, renewals: 160, every: 16 },
};
const QUICK = {
  tabs: [1, 3],
  visits: [0, 3, 6],
  calls: [0, 100, 300],
  unread: [0, 100, 200],
  atOnce: 100,
  day: { lifetime: 600, renewals: 12, every: 4 },
};

const { values } = parseArgs({ options: { out: { type: 'string' }, quick: { type: 'boolean', default: false } } });
if (!values.out) throw new Error('Say where to: --out FOLDER');
const plan = values.quick ? QUICK : FULL;

const stories = {
  tabs: () => tabs(plan.tabs), visits: () => visits(plan.visits), calls: () => calls(plan.calls, plan.atOnce),
  unread: () => calls(plan.unread, plan.atOnce, false), day: () => day(plan.day),
};
const seen = {};
for (const [name, story] of Object.entries(stories)) {
  const begun = performance.now();
  seen[name] = await story();
  console.log(`${name}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
}

await mkdir(values.out, { recursive: true });
keep('scale', seen);
const files = { 'scale.md': markdown(seen), ...pictures(seen) };
for (const [name, text] of Object.entries(files)) await writeFile(path.join(values.out, name), text);
console.log(files['scale.md']);
