// The report of a soak, as text.
import { table } from '../../bench/format.mjs';

const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0);
const errors = (run, kind) => sum(Object.values(run.errors).map((error) => error[kind]));
const listed = (counts) => Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(', ');

/** What must be zero. */
export const failuresOf = ({ hung, left, lost, reused }) => ({
  'calls that hung for more than 20 s': hung.length,
  'sessions lost without a logout': lost.length,
  'refresh tokens sent again after a success': reused.length,
  'streams left open at the API': left.length,
});

const FIGURES = [
  ['minutes', ({ minutes }) => minutes],
  ['calls made', ({ calls }) => sum(calls)],
  ['requests at the API', ({ api }) => api.requests],
  ['renewals', ({ renewals }) => renewals],
  ['errors, unexpected', (run) => errors(run, 'unexpected')],
  ['errors, expected during a fault', (run) => errors(run, 'expected')],
  ['sessions that only a reload restored, after an outage of the provider', ({ interrupted }) => interrupted.length],
  ['tabs that ended outside the app', ({ stranded }) => stranded.length],
  ['errors that nothing caught', ({ uncaught }) => uncaught.length],
  ['what the script could not do', ({ problems }) => problems.length],
  ['requests without a token', ({ api }) => api.withoutToken],
  ['quick call, median ms', ({ latency }) => latency.median],
  ['quick call, 99 of 100 faster than, ms', ({ latency }) => latency['of 99 in 100']],
  ['visits', ({ visits }) => listed(visits)],
  ['why a page was not kept for a trip', ({ notKept }) => listed(notKept) || '–'],
  ['faults', ({ faults }) => faults.length],
];

const number = (value) => (Number.isFinite(value) ? String(Math.round(value * 100) / 100) : '–');

function summary(runs) {
  const failures = Object.keys(failuresOf(runs[0])).map((name) => [`**${name}**`, ...runs.map((run) => failuresOf(run)[name])]);
  return table(['what', ...runs.map(({ vault }) => vault)], [...failures, ...FIGURES.map(([name, of]) => [name, ...runs.map(of)])]);
}

const growthTable = ({ growth }) => table(['in the tab that stays, and its worker', 'first', 'last', 'growth in an hour'],
  growth.map(({ name, first, last, perHour }) => [name, number(first), number(last), number(perHour)]));

function errorTable({ errors: byCode }) {
  const rows = Object.entries(byCode).map(([code, { unexpected, expected, during }]) => [code, unexpected, expected, listed(during)]);
  return rows.length ? table(['error', 'unexpected', 'expected', 'during'], rows) : 'No errors.';
}

/** One line for each entry; of many only the first. */
function list(title, entries, most = 20) {
  if (!entries.length) return [];
  const line = ({ at, tab, during, ...rest }) => `- ${[at !== undefined && `${at} s`, tab !== undefined && `tab ${tab}`].filter(Boolean).join(', ')}: ${JSON.stringify(rest)}${during?.length ? ` (${[...new Set(during)].join(', ')})` : ''}`;
  return [`### ${title}`, [...entries.slice(0, most).map(line), ...(entries.length > most ? [`- and ${entries.length - most} more`] : [])].join('\n')];
}

function section(run) {
  const unexpected = Object.entries(run.errors).flatMap(([code, { examples }]) => examples.map((example) => ({ code, ...example })));
  return [
    `## ${run.vault}`,
    `${run.date}, seed ${run.seed}, package ${run.digest}, Chromium ${run.chromium}.`,
    errorTable(run),
    growthTable(run),
    ...list('Hung', run.hung), ...list('Sessions lost', run.lost), ...list('Sessions that only a reload restored', run.interrupted), ...list('Refresh tokens sent again', run.reused), ...list('Streams left', run.left),
    ...list('Tabs that ended outside the app', run.stranded), ...list('Unexpected errors', unexpected), ...list('Not caught', run.uncaught),
    ...list('What the script could not do', run.problems),
  ];
}

export function markdown(runs) {
  const what = [
    'Five tabs of one browser, access tokens of 8 seconds, an API over HTTP/1.1, a fault every two minutes, more often in a short run.',
    'The growth is a line through the last two thirds of the samples. A login reloads the page, and the previous page counts for as long as the browser keeps it.',
    '`cargo xtask soak` wrote this.',
  ].join(' ');
  return `${['# Soak', what, summary(runs), ...runs.flatMap(section)].join('\n\n')}\n`;
}
