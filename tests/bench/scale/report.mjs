// What was measured, as tables and as pictures.
import { lines, written } from '../plot.mjs';

const KB = 1024;
const MEMORIES = [
  ['wasm', 'wasm of the vault'], ['worker', 'JavaScript of the worker'], ['objects', "the browser's own objects in the worker"], ['page', 'JavaScript of a page'],
];

const kilobytes = (bytes) => written(bytes / KB);
const named = (counts) => Object.entries(counts).map(([name, count]) => `${name} ${written(count)}`).join(', ') || 'none';

function table(columns, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(columns), `|${columns.map(() => '--:').join('|')}|`, ...rows.map(line)].join('\n');
}

/** By how many bytes a memory grows for each one more of something, from the first row to the last. */
function growth(rows, by, memory) {
  const [first, last] = [rows[0], rows.at(-1)];
  return last[by] === first[by] ? 0 : (last[memory] - first[memory]) / (last[by] - first[by]);
}

/** Growth in words, from the second row on where there are more: the first use of anything is dearer than all later ones. */
function grown(rows, by, what) {
  const settled = rows.length > 2 ? rows.slice(1) : rows;
  const parts = MEMORIES.map(([memory, name]) => `${name} ${written(growth(settled, by, memory))} bytes`);
  return `From ${written(settled[0][by])} to ${written(settled.at(-1)[by])}, each ${what} adds: ${parts.join(', ')}.`;
}

const memories = (row) => MEMORIES.map(([memory]) => kilobytes(row[memory]));
const MEMORY_COLUMNS = MEMORIES.map(([, name]) => `${name}, KB`);

function tabsSection({ rows, afterwards }) {
  const cells = rows.map((row) => [row.tabs, ...memories(row), `${row.opening['to the vault']} / ${row.opening['from the vault']}`, named(row.opening['to the provider']),
    `${row.renewal['to the vault']} / ${row.renewal['from the vault']}`, named(row.renewal['to the provider']), row.failures]);
  return ['## Tabs on one session', '',
    table(['tabs', ...MEMORY_COLUMNS, 'messages to open the new ones, there / back', 'requests for that', 'messages of a renewal', 'requests of a renewal', 'failures'], cells), '',
    grown(rows, 'tabs', 'tab'), '',
    `After all tabs but one were closed: ${MEMORIES.map(([memory, name]) => `${name} ${kilobytes(afterwards[memory])} KB`).join(', ')}.`];
}

function visitsSection({ rows }) {
  const cells = rows.map((row) => [written(row.visits), ...memories(row)]);
  return ['## Tabs that come and go', '', 'One tab stays open; others are opened and closed, one after the other.', '',
    table(['visits', ...MEMORY_COLUMNS], cells), '', grown(rows, 'visits', 'visit')];
}

function callsSection(title, { atOnce, reads, rows }) {
  const cells = rows.map((row) => [written(row.calls), ...memories(row), `${written(row['to the vault'])} / ${written(row['from the vault'])}`, named(row['to the provider']), row.failures]);
  return [`## ${title}`, '', `In one tab, ${atOnce} at a time, ${reads ? 'every answer read' : 'no answer read'}. Messages and requests are those since the row before.`, '',
    table(['calls', ...MEMORY_COLUMNS, 'messages, there / back', 'requests', 'failures'], cells), '', grown(rows, 'calls', 'call')];
}

function daySection({ lifetime, rows, total, signedIn }) {
  const cells = rows.map((row) => [written(row.renewals), written(row.hours), ...memories(row), row.failures]);
  return ['## A day', '', `One tab, access tokens of ${lifetime} seconds. The vault renews them by its own timer, under clocks that run as fast as it can; after each renewal there is one call. The page itself keeps two words for each renewal.`, '',
    table(['renewals', 'hours', ...MEMORY_COLUMNS, 'failures'], cells), '', grown(rows, 'renewals', 'renewal'), '',
    `In all: ${named(total['to the provider'])}; messages ${written(total['to the vault'])} there and ${written(total['from the vault'])} back; ${signedIn ? 'still signed in' : 'signed out'} at the end.`];
}

export function markdown({ tabs, visits, calls, unread, day }) {
  return ['# How a session grows', '', `Chromium ${tabs.browser}. Memory after all garbage was collected, in KB of 1,024 bytes. The memory of wasm grows by 64 KB at a time, and never shrinks.`, '',
    ...tabsSection(tabs), '', ...visitsSection(visits), '', ...callsSection('Calls of `auth.fetch`', calls), '',
    ...callsSection('Calls whose answers nobody reads', unread), '', ...daySection(day), ''].join('\n');
}

const seriesOf = (rows, by) => MEMORIES.map(([memory, name]) => ({ name, points: rows.map((row) => [row[by], row[memory] / KB / KB]) }));
const picture = (title, label, rows, by) => lines({ title, x: { label }, y: { label: 'memory', unit: 'MB' }, series: seriesOf(rows, by) });

/** The pictures, by the names of their files. */
export function pictures({ tabs, visits, calls, unread, day }) {
  return {
    'tabs.svg': picture('Memory with many tabs on one session', 'tabs', tabs.rows, 'tabs'),
    'visits.svg': picture('Memory with tabs that come and go', 'visits', visits.rows, 'visits'),
    'calls.svg': picture('Memory with many calls of auth.fetch', 'calls', calls.rows, 'calls'),
    'unread.svg': picture('Memory with many calls whose answers nobody reads', 'calls', unread.rows, 'calls'),
    'day.svg': picture('Memory over a day of renewals', 'renewals', day.rows, 'renewals'),
  };
}
