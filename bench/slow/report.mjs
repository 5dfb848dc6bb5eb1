// Writes the page on slow links: the targets, the check, the times, the round trips, the requests, and plots.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { OWN_SETTING, STORAGE_FLOOR, WORKER_FLOOR, about, endpoint, factor, isFloor, isOwn, ms, named, problemList, spreadOf, table, targetTable } from '../format.mjs';
import { bars } from '../plot.mjs';
import { median, ratioToPartner, spread } from '../statistics.mjs';
import { COUNTING, USER_TAKES } from './networks.mjs';

const PHASES = { first: 'first visit', callback: 'callback', login: 'login from the click', reload: 'reload' };
const PLOTS = {
  first: 'First visit until it is known that the user is signed out',
  callback: 'The callback until the user is signed in',
  login: 'A login from the click until the user is signed in',
  reload: 'From a reload to signed in',
};

const NONE = { times: [], requests: [], keeps: true };

/** Times of one setting by network and phase, indexed by round, with all rounds' requests. */
function grouped({ visits }) {
  const groups = {};
  for (const { round, network, key, ...phases } of visits) {
    for (const [phase, { time, requests = [], keeps = true }] of Object.entries(phases)) {
      const rows = ((groups[network] ??= {})[phase] ??= {});
      const row = (rows[key] ??= { times: [], requests: [], keeps: true });
      row.times[round] = time;
      row.requests.push(requests);
      row.keeps &&= keeps;
    }
  }
  return (network, phase, key) => groups[network]?.[phase]?.[key] ?? NONE;
}

const isMeasured = ({ times, keeps }) => times.length > 0 && keeps;

/** The fastest library other than this one. A floor is no library. */
function fastest(of, keys, network, phase) {
  const rows = keys.filter((key) => !isOwn(key) && !isFloor(key)).map((key) => [key, of(network, phase, key)]).filter(([, row]) => isMeasured(row));
  return rows.toSorted(([, a], [, b]) => median(a.times) - median(b.times))[0];
}

const compare = (a, b) => ratioToPartner(a.times, b.times);
const toProvider = (requests) => requests.filter(({ server }) => server === 'provider');

function targets(of, keys) {
  const rows = [];
  const own = (network, phase) => of(network, phase, OWN_SETTING);
  /** A row, if this library and the other were measured. */
  const row = (what, network, phase, [name, partner] = ['', NONE], target, judge) => {
    if (isMeasured(own(network, phase)) && isMeasured(partner)) rows.push({ what, target, ...judge(own(network, phase), partner, name) });
  };
  const floor = (phase, key) => [key, of('loopback', phase, key)];
  row('first visit until the app knows that the user is signed out, Slow 4G', 'slow', 'first', fastest(of, keys, 'slow', 'first'), '≤ 1.05 × the fastest library', (ours, best, name) => {
    const ratio = compare(ours, best);
    return { measured: `${factor(ratio)} (${name}: ${ms(median(best.times))} ms)`, met: ratio <= 1.05 };
  });
  row('callback, until signed in, signature checked, Slow 4G', 'slow', 'callback', fastest(of, keys, 'slow', 'callback'), 'the fastest of all libraries', (ours, best, name) => {
    const [mine, theirs] = [median(ours.times), median(best.times)];
    return { measured: `${ms(mine)} ms (the fastest other, ${name}: ${ms(theirs)} ms)`, met: mine <= theirs };
  });
  row('callback on loopback, signature checked', 'loopback', 'callback', floor('callback', WORKER_FLOOR), '≤ 1.15 × the floor in a SharedWorker', (ours, best) => {
    const ratio = compare(ours, best);
    return { measured: factor(ratio), met: ratio <= 1.15 };
  });
  row('reload to `signed-in` on loopback', 'loopback', 'reload', floor('reload', STORAGE_FLOOR), '≤ 1.05 × tokens in localStorage by hand, no request', (ours, best) => {
    const ratio = compare(ours, best);
    const asked = Math.max(...ours.requests.map((requests) => toProvider(requests).length));
    return { measured: `${factor(ratio)}, requests: ${asked || 'none'}`, met: ratio <= 1.05 && asked === 0 };
  });
  return rows.length > 0 ? targetTable(rows) : 'This run measured none of them.';
}

function checked({ check: { brake, links }, networks }) {
  const places = (values, write) => Object.values(values).map(write);
  const rows = Object.entries(links).map(([network, { least, times }]) => [`64 KB on ${short(networks[network])}, ms`, ...places(times, ms), `${ms(least)} from the link alone`]);
  if (brake) {
    rows.push(['work at full speed, ms', ...places(brake.full, ms), ''], ['the same work slowed down, ms', ...places(brake.braked, ms), `${places(brake.ratios, factor).join(', ')}`]);
  }
  return rows.length > 0 ? table(['', 'page', 'Worker', 'SharedWorker', ''], rows) : 'This run had neither a slow link nor a slowed processor.';
}

const short = ({ title }) => title.replace(/ \(.*/, '');

function times(of, settings, network) {
  const head = ['library', 'signature checked', ...Object.values(PHASES).map((phase) => `${phase}, ms`)];
  return table(head, settings.map(({ key, signed }) => {
    const cells = Object.keys(PHASES).map((phase) => {
      const row = of(network, phase, key);
      return isMeasured(row) ? spreadOf(spread(row.times)) : '–';
    });
    return [named(key), signed ? 'yes' : 'no', ...cells];
  }));
}

function tripTable({ trips }, keys) {
  const counted = (key, phase) => trips.filter((row) => row.key === key).map((row) => row[phase]);
  const cell = (counts) => (counts.length > 0 && counts.every(Number.isFinite) ? Math.min(...counts) : '–');
  const rows = keys.map((key) => [named(key), ...Object.keys(PHASES).map((phase) => cell(counted(key, phase)))]);
  return table(['library', ...Object.values(PHASES)], rows);
}

/** The name of a request: the page, a file, an endpoint of the provider. */
function nameOf({ server, method, path: asked }) {
  const name = server === 'app' ? appName(asked) : endpoint(asked).replace(/^\/(authorize|interaction).*/, '$1');
  return method === 'OPTIONS' ? `preflight of ${name}` : name;
}
/** A chunk's name ends with a digest, which says nothing here. */
const appName = (asked) => (asked.startsWith('/app/') ? 'page' : path.basename(asked).replace(/-[A-Z0-9]{8}(?=\.js$)/, ''));

/** The requests of all rounds, each with its median times, in order. What only few rounds have is left out. */
function waterfall(rounds) {
  const arrivals = new Map();
  for (const requests of rounds) {
    const seen = {};
    for (const request of requests) {
      const name = nameOf(request);
      seen[name] = (seen[name] ?? 0) + 1;
      const key = `${name} ${seen[name]}`;
      arrivals.set(key, { name, at: [...(arrivals.get(key)?.at ?? []), request.at] });
    }
  }
  return [...arrivals.values()].filter(({ at }) => at.length * 2 > rounds.length).map(({ name, at }) => ({ name, at: median(at) })).toSorted((a, b) => a.at - b.at);
}

function requestTable(of, keys, network, phase) {
  const rows = keys.map((key) => [key, of(network, phase, key)]).filter(([, row]) => isMeasured(row));
  const cell = ({ requests }) => waterfall(requests).map(({ name, at }) => `${name} ${Math.round(at)}`).join(', ');
  return table(['library', 'status known', 'requests'], rows.map(([key, row]) => [named(key), ms(median(row.times)), cell(row)]));
}

/** A plot of each phase on the slowest network, by the names of their files. */
function pictures(of, keys, network, title) {
  return Object.fromEntries(Object.entries(PLOTS).map(([phase, words]) => {
    const rows = keys.map((key) => [key, of(network, phase, key)]).filter(([, row]) => isMeasured(row));
    const drawn = rows.map(([key, row]) => ({ label: key, value: median(row.times), own: isOwn(key) })).toSorted((a, b) => a.value - b.value);
    return [`slow-${phase}.svg`, drawn.length > 0 && bars({ title: `${words}, ${title}`, unit: 'ms', rows: drawn })];
  }).filter(([, svg]) => svg));
}

const WITHOUT_BRAKE = 'Slowing the processor needs a C compiler and Linux. This system lacked one of them, so the networks with a slower processor are left out.';

function page(results, plots) {
  const { networks } = results;
  const of = grouped(results);
  const keys = results.settings.map(({ key }) => key);
  const slowest = Object.keys(networks).at(-1);
  return `# Slow links

\`cargo xtask bench\` wrote this page: how long a visitor waits on slow links, in one run on one machine. The app and the provider are served over TLS and HTTP/2 behind a TCP proxy, a single bottleneck for all connections, with round-trip times and slow start. To simulate a mobile processor, all renderer processes run only a quarter of the time, so workers are slowed down like pages. Every visitor has empty caches. Rounds: ${results.rounds}; in each, all candidates were measured in another order. Times are medians, with the 10th to the 90th percentile. Each library runs in its default setting.

${about(results)}

${results.brake ? '' : `${WITHOUT_BRAKE}\n\n`}## The targets

${targets(of, keys)}

## The check of the link and the processor

Before the first measurement, the run checks that the slow link and the slow processor affect the page, a worker and a SharedWorker alike. If the check fails, the run ends with an error.

${checked(results)}

## Times

- **First visit:** from the start of the navigation until the app knows that the user is signed out.
- **Callback:** from the request for the callback page until the user is signed in.
- **Login from the click:** from the click until the user is signed in, without the ${USER_TAKES} ms that the user spends at the provider. The click follows the first visit immediately.
- **Reload:** from \`location.reload()\` until the user is signed in; “–” if the user is not.

${Object.entries(networks).map(([network, { title }]) => `### ${title}\n\n${times(of, results.settings, network)}`).join('\n\n')}

${Object.entries(plots).map(([name, svg]) => `![${svg.match(/<title>(.*?)<\/title>/)[1]}](${name})`).join('\n\n')}

## Round trips in sequence

The number of sequential round trips that the visitor waits for, TCP and TLS handshakes included. They are counted on a link with a round-trip time of ${COUNTING.link.rtt} ms and unlimited bandwidth: a time contains as many round trips as whole multiples of that. Each count is the minimum over all visits on this link (${results.counts}), because disturbances only make a visit longer.

${tripTable(results, keys)}

## Requests

${short(networks[slowest])}: when each request arrived at its server, in ms after the start of the navigation; for the callback, after the request for its page, so requests sent while the user was at the provider have negative times.

### First visit

${requestTable(of, keys, slowest, 'first')}

### Callback

${requestTable(of, keys, slowest, 'callback')}

## What did not work in this run

${problemList(results.problems)}
`;
}

/** Writes the page, and the plots next to it. */
export function report(results, folder) {
  mkdirSync(folder, { recursive: true });
  const slowest = Object.keys(results.networks).at(-1);
  const plots = pictures(grouped(results), results.settings.map(({ key }) => key), slowest, short(results.networks[slowest]));
  for (const [name, svg] of Object.entries(plots)) writeFileSync(path.join(folder, name), svg);
  writeFileSync(path.join(folder, 'slow.md'), page(results, plots));
}
