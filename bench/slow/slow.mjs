// Measures a first visit, a callback, a login from the click and a reload on slow links: `cargo xtask bench --phases slow`. With `--out FOLDER` it
// writes the page there, with `--quick` it only checks that everything works, `--only a,b` selects candidates, `--rounds N` sets the number of
// rounds, and `--networks loopback,fast,slow` selects networks.
import { parseArgs } from 'node:util';
import { candidates as everybody } from '../candidates.mjs';
import { KEPT, keep } from '../kept.mjs';
import { settingsOf, shuffled } from '../measures.mjs';
import { attempts, machine } from '../run.mjs';
import { compileBrake } from './brake.mjs';
import { calibrate } from './calibrate.mjs';
import { openLab } from './lab.mjs';
import { COUNTING, NETWORKS } from './networks.mjs';
import { report } from './report.mjs';

const ROUNDS = { full: 9, quick: 1 };
/** How often round trips are counted. The minimum counts: a disturbance makes a visit longer. */
const COUNTS = { full: 3, quick: 1 };
/** The measured settings. Of all other candidates it is the first, which is the library's default. */
const CHOSEN = {
  floor: ['RS256', 'RS256, tokens in localStorage'],
  oauth4webapi: ['discovery, RS256'],
};

const text = { type: 'string' };
const { values } = parseArgs({ options: { out: text, quick: { type: 'boolean' }, only: text, rounds: text, networks: text } });
const pace = values.quick ? 'quick' : 'full';
const rounds = Number(values.rounds ?? ROUNDS[pace]);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds must be a number from 1, not "${values.rounds}".`);
const [only, wanted] = [values.only?.split(','), values.networks?.split(',')];
const candidates = everybody.filter(({ name, sizeOnly }) => !sizeOnly && (!only || only.includes(name)));
const settings = settingsOf(candidates).filter(({ candidate, variant }) => CHOSEN[candidate.name]?.includes(variant.id) ?? variant === candidate.variants[0]);
if (settings.length === 0) throw new Error(`There is no candidate "${values.only}".`);

const brake = compileBrake();
const networks = Object.fromEntries(Object.entries(NETWORKS).filter(([name, { cpu }]) => (!wanted || wanted.includes(name)) && (brake || cpu === 1)));
if (Object.keys(networks).length === 0) throw new Error(`There is no network "${values.networks}" that can be measured here.`);
if (!brake) console.error('There is no C compiler for the brake, or this is not Linux: the networks with a slower processor are left out.');

/** How many sequential round trips each part of a visit took. A reload after which the user is signed out is left out. */
function tripsOf(visit) {
  const phases = Object.entries(visit).filter(([, { keeps = true }]) => keeps);
  return Object.fromEntries(phases.map(([phase, { time }]) => [phase, Math.floor(time / COUNTING.link.rtt)]));
}

/** The result of a failed check. Other load on the machine is the usual reason. */
function failedCheck(check) {
  const figures = JSON.stringify(check, (_key, value) => (typeof value === 'number' ? Math.round(value * 100) / 100 : value));
  return `The link and the brake do not slow page, Worker and SharedWorker as they should. Measure on an idle machine. ${figures}`;
}

const { attempt, problems } = attempts();
const lab = await openLab(settings, brake);
const results = {
  ...machine(lab.browser, candidates), rounds, counts: COUNTS[pace], networks, brake: Boolean(brake), visits: [], trips: [],
  settings: settings.map(({ key, variant }) => ({ key, signed: Boolean(variant.signed) })),
};
try {
  console.error('Checking: link and brake');
  results.check = await calibrate(lab, networks);
  if (!results.check.holds) throw new Error(failedCheck(results.check));
  for (let round = 0; round < rounds; round += 1) {
    console.error(`Measuring: round ${round + 1} of ${rounds}`);
    for (const [network, made] of Object.entries(networks)) {
      for (const setting of shuffled(settings)) {
        await attempt(`${network}: ${setting.key}`, async () => results.visits.push({ round, network, key: setting.key, ...await lab.visit(setting, made) }));
      }
    }
  }
  console.error('Counting: round trips');
  for (let round = 0; round < results.counts; round += 1) {
    for (const setting of shuffled(settings)) {
      await attempt(`round trips: ${setting.key}`, async () => results.trips.push({ key: setting.key, ...tripsOf(await lab.visit(setting, COUNTING)) }));
    }
  }
} finally {
  await lab.close();
}

results.problems = problems;
keep('slow', results);
report(results, values.out ?? KEPT);
