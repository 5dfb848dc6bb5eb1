// Writes the pages again from the numbers of the last runs: `node rewrite.mjs FOLDER`.
import path from 'node:path';
import { candidates } from './candidates.mjs';
import { kept } from './kept.mjs';
import { settingsOf } from './measures.mjs';
import { report } from './report.mjs';
import { report as reportSlow } from './slow/report.mjs';

const folder = path.resolve(process.argv[2]);
const [bench, slow] = ['bench', 'slow'].map(kept);
if (bench) report(bench, settingsOf(candidates), folder);
if (slow) reportSlow(slow, folder);
