// `docs/internals/browser-failures.md`: the effect of each failing browser API.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { MOMENTS, nameOf } from './broken_cells.js';

const PAGE = fileURLToPath(new URL('../../../docs/internals/browser-failures.md', import.meta.url));
const WAYS = ['throws', 'rejects', 'silent'];

/** A time is rounded up to one of these seconds: two runs of the test write the same. */
const SECONDS = [1, 5, 10, 15, 20, 25, 30, 35, 45];

const INTRODUCTION = `# Browser APIs that fail

Each browser API that the library uses is made to fail, one at a time, in Chromium: \`tests/e2e/broken_apis.test.js\`. The API

- **throws**: it throws at once. A file (\`vault.js\`, \`vault.wasm\`) arrives, and is no script or module of the library;
- **rejects**: its promise rejects. A worker or a request fires \`error\`, a transaction is aborted, a file is answered with status 404;
- is **silent**: its promise never settles and no event fires. A message is lost, a file never arrives.

There is one table for each moment, with a row for each API that the library uses then. The API fails in the thread of the page or in that
of the vault, for the vault in each of its locations. A dash stands where an API cannot fail in this way: what answers at once cannot reject,
and a message has no answer.

A table says what the start and the call of the moment settled to, and how long that took. A start takes 45 s at most, a call 25 s, and 36 s
where the vault has become silent. What rejects is an \`AuthError\` with this code, and nothing throws past the app's handlers. "Sent to the
provider" is what a login, a logout and the return of a user lead to when nothing fails. \`auth.fetch\` has no limit of its own, as \`fetch\` has
none: the caller's signal ends it.

Run \`UPDATE_DOCS=1 node --test broken_apis.test.js\` in \`tests/e2e\` to write this page, which takes a quarter of an hour. Without
\`UPDATE_DOCS\`, the test makes each API fail at one moment and compares the outcomes with this page; with \`BROKEN_APIS_ALL=1\`, at all of them.
`;

const timeOf = (milliseconds) => {
  const seconds = SECONDS.find((limit) => milliseconds < limit * 1_000 + 600) ?? SECONDS.at(-1);
  return seconds === 1 ? '< 1 s' : `${seconds} s`;
};

const placeOf = ({ where, vault }) => {
  if (where === 'vault') return `vault (${vault})`;
  return vault === 'auto' ? 'page' : `page (its vault: ${vault})`;
};
const rowOf = (cell) => `${cell.api}|${placeOf(cell)}|${cell.moment}`;

function tableOf(moment, cells, seen) {
  const rows = new Map();
  for (const cell of cells.filter((each) => each.moment === moment)) rows.set(rowOf(cell), [...rows.get(rowOf(cell)) ?? [], cell]);
  const textOf = (row, way) => {
    const cell = row.find((each) => each.way === way);
    if (!cell) return '–';
    const { outcome, milliseconds } = seen.get(nameOf(cell)) ?? { outcome: 'not seen', milliseconds: 0 };
    return `${outcome} (${timeOf(milliseconds)})`;
  };
  const lines = [...rows.values()].map((row) => `| \`${row[0].api}\` | ${placeOf(row[0])} | ${WAYS.map((way) => textOf(row, way)).join(' | ')} |`);
  // The name of a function is written unchanged.
  const title = moment.includes('.') ? moment : moment[0].toUpperCase() + moment.slice(1);
  return `\n## ${title}\n\n${MOMENTS[moment]}\n\n| API | of the | ${WAYS.join(' | ')} |\n|---|---|---|---|---|\n${lines.join('\n')}\n`;
}

/** Writes the page from the results of all cells. */
export async function write(cells, seen) {
  await mkdir(path.dirname(PAGE), { recursive: true });
  await writeFile(PAGE, INTRODUCTION + Object.keys(MOMENTS).map((moment) => tableOf(moment, cells, seen)).join(''));
}

/** What the page says about each cell, by row and way. Times are left out: machines differ. */
function outcomesIn(page) {
  const outcomes = new Map();
  let moment;
  for (const line of page.split('\n')) {
    moment = Object.keys(MOMENTS).find((each) => line.toLowerCase() === `## ${each}`.toLowerCase()) ?? moment;
    const columns = line.split(' | ').map((column) => column.replace(/^\| | \|$/g, '').replace(/ \([^()]* s\)$/, ''));
    if (columns.length !== 2 + WAYS.length) continue;
    const [api, place, ...told] = columns;
    told.forEach((outcome, index) => outcomes.set(`${api.replaceAll('`', '')}|${place}|${moment}|${WAYS[index]}`, outcome));
  }
  return outcomes;
}

/** The results that differ from the page. */
export async function compare(cells, seen) {
  const outcomes = outcomesIn(await readFile(PAGE, 'utf8').catch(() => ''));
  return cells.flatMap((cell) => {
    const told = outcomes.get(`${rowOf(cell)}|${cell.way}`);
    // A skipped or unfinished test has no result.
    const { outcome } = seen.get(nameOf(cell)) ?? { outcome: told };
    return told === outcome ? [] : [`${nameOf(cell)}: ${outcome}, and the page says ${told}`];
  });
}
