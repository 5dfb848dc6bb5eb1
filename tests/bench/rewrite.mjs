// Writes the page anew from the figures of the last run: `node rewrite.mjs FOLDER`.
import path from 'node:path';
import { candidates } from './candidates.mjs';
import { kept } from './kept.mjs';
import { settingsOf } from './measures.mjs';
import { report } from './report.mjs';

report(kept('bench'), settingsOf(candidates), path.resolve(process.argv[2]));
