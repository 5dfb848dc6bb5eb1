// Writes the page anew from figures that were measured before: `node rewrite.mjs FOLDER`.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { candidates } from './candidates.mjs';
import { settingsOf } from './measures.mjs';
import { report } from './report.mjs';

const folder = path.resolve(process.argv[2]);
report(JSON.parse(readFileSync(path.join(folder, 'bench.json'), 'utf8')), settingsOf(candidates), folder);
