// The results, as tables and plots.
import { lines, written } from '../plot.mjs';

const KB = 1024;
const MEMORIES = [
  ['wasm', 'wasm of the vault'],
  ['worker', 'JavaScript of the worker'],
  ['objects', "the browser's own objects in the worker"],
  ['page', 'JavaScript of a page'],
];

const kilobytes = (bytes) => written(bytes / KB);
const named = (counts) => Object.entries(counts).map(([name, count]) => `${name} ${written(count)}`).join(', ') || 'none';
/** Messages to the vault, and from it. */
const messages = (counts) => `${written(counts['to the vault'])} / ${written(counts['from the vault'])}`;
const requests = (counts) => named(counts['to the provider']);
const memories = (row) => MEMORIES.map(([memory]) => kilobytes(row[memory]));

/** A table: each column has a title and a function of the row; the memory columns follow the first. */
function table(rows, [[title, first], ...columns]) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const titles = [title, ...MEMORIES.map(([, name]) => `${name}, KB`), ...columns.map(([name]) => name)];
  const cells = rows.map((row) => [first(row), ...memories(row), ...columns.map(([, say]) => say(row))]);
  return [line(titles), `|${titles.map(() => '--:').join('|')}|`, ...cells.map(line)].join('\n');
}

/** By how many bytes each memory grows per item, from the second row on: the first use of anything costs more than all later ones. */
function grown(rows, by, what) {
  const [first, last] = [rows.length > 2 ? rows[1] : rows[0], rows.at(-1)];
  const parts = MEMORIES.map(([memory, name]) => `${name} ${written((last[memory] - first[memory]) / (last[by] - first[by]))} bytes`);
  return `From ${written(first[by])} to ${written(last[by])}, each ${what} adds: ${parts.join(', ')}.`;
}

const FAILURES = ['failures', ({ failures }) => failures];

const section = (title, ...parts) => [`## ${title}`, ...parts].join('\n\n');

function tabsSection({ rows, afterwards }) {
  const cells = table(rows, [
    ['tabs', ({ tabs }) => tabs],
    ['messages to / from the vault to open the new tabs', ({ opening }) => messages(opening)],
    ['requests to open them', ({ opening }) => requests(opening)],
    ['messages per renewal', ({ renewal }) => messages(renewal)],
    ['requests per renewal', ({ renewal }) => requests(renewal)],
    FAILURES,
  ]);
  const left = MEMORIES.map(([memory, name]) => `${name} ${kilobytes(afterwards[memory])} KB`);
  return section('Tabs on one session', cells, grown(rows, 'tabs', 'tab'), `After all tabs but one were closed: ${left.join(', ')}.`);
}

function visitsSection({ rows }) {
  const cells = table(rows, [['visits', ({ visits }) => visits]]);
  return section('Tabs that come and go', 'One tab stays open; others are opened and closed, one after the other.', cells, grown(rows, 'visits', 'visit'));
}

function callsSection(title, { atOnce, reads, rows }) {
  const what = `In one tab, ${atOnce} at a time, ${reads ? 'every response read' : 'no response read'}. Messages and requests are counted from the previous row.`;
  const cells = table(rows, [
    ['calls', ({ calls }) => written(calls)],
    ['messages to / from the vault', messages],
    ['requests', requests],
    FAILURES,
  ]);
  return section(title, what, cells, grown(rows, 'calls', 'call'));
}

function daySection({ lifetime, rows, total, signedIn }) {
  const what = [
    `One tab, access tokens of ${lifetime} seconds.`,
    'The vault renews them with its own timer, on simulated clocks that run as fast as possible; one call follows each renewal.',
    'The test page itself keeps two status strings per renewal, and the browser keeps the timing of the first 250 requests.',
  ];
  const cells = table(rows, [['renewals', ({ renewals }) => renewals], ['hours', ({ hours }) => written(hours)], FAILURES]);
  const all = `Total: ${named(total.requests)}; messages ${messages(total.messages)}; ${signedIn ? 'still signed in' : 'signed out'} at the end.`;
  return section('A day', what.join(' '), cells, grown(rows, 'renewals', 'renewal'), all);
}

export function markdown({ tabs, visits, calls, unread, day }) {
  return `${[
    '# Growth with tabs, calls and time',
    `Chromium ${tabs.browser}. Memory after garbage collection, in KB of 1,024 bytes. Wasm memory grows in steps of 64 KB, and never shrinks.`,
    tabsSection(tabs),
    shown('tabs'),
    visitsSection(visits),
    shown('visits'),
    callsSection('Calls of `auth.fetch`', calls),
    shown('calls'),
    callsSection('Calls whose responses are never read', unread),
    shown('unread'),
    daySection(day),
    shown('day'),
  ].join('\n\n')}\n`;
}

const TITLES = {
  tabs: 'Memory with many tabs on one session',
  visits: 'Memory with tabs that come and go',
  calls: 'Memory with many calls of auth.fetch',
  unread: 'Memory with many calls whose responses are never read',
  day: 'Memory over a day of renewals',
};

const shown = (story) => `![${TITLES[story]}](${story}.svg)`;

function picture(title, rows, by) {
  const series = MEMORIES.map(([memory, name]) => ({ name, points: rows.map((row) => [row[by], row[memory] / KB / KB]) }));
  return lines({ title, x: { label: by }, y: { label: 'memory', unit: 'MB' }, series });
}

/** The plots, by the names of their files. */
export function pictures(stories) {
  const units = { visits: 'visits', tabs: 'tabs', day: 'renewals' };
  return Object.fromEntries(Object.entries(TITLES).map(([story, title]) => [`${story}.svg`, picture(title, stories[story].rows, units[story] ?? 'calls')]));
}
