// Writes the report: tables, plots, and where this library loses.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  FLOOR, OWN, OWN_SETTING, STORAGE_FLOOR, WORKER_FLOOR, about, count, endpoint, factor, isFloor, isOwn, ms, named, problemList, spreadOf, table, targetTable,
} from './format.mjs';
import { TABS } from './measures.mjs';
import { bars } from './plot.mjs';
import { median, overPartner, ratioToPartner, spread } from './statistics.mjs';

/** The floor that does the same: with a check of the signature by the same algorithm, or without one. */
function floorOf(key, settings) {
  const { variant } = settings.find((setting) => setting.key === key);
  if (!variant.signed) return `${FLOOR}: no signature check`;
  return `${FLOOR}: ${variant.config.alg ?? 'RS256'}`;
}

/** Each distinct request, with its count. */
function asked(paths) {
  const names = paths.filter((one) => !/^\/(authorize|interaction)/.test(one)).map(endpoint);
  const times = (name) => names.filter((other) => other === name).length;
  return [...new Set(names)].map((name) => (times(name) > 1 ? `${times(name)} × ${name}` : name)).join(', ') || 'none';
}

function sizes({ size, versions }) {
  const rows = Object.entries(size).filter(([name]) => !isFloor(name)).toSorted(([, a], [, b]) => a.brotli - b.brotli);
  return {
    text: `What a browser loads for a whole login and a renewal: minified, each file compressed separately with brotli at its highest level. The first of the two columns is what the page itself waits for.

${table(['library', 'version', 'before the page can render', 'all', 'files'], rows.map(([name, { brotli, page, files }]) => [named(name), versions[name], count(page), count(brotli), files]))}

The same work with bare \`fetch\` and \`crypto.subtle\`, without storage, early renewal or error handling, takes ${count(size[FLOOR].brotli)} bytes.`,
    plots: {
      'size-page': bars({ title: 'Bytes that the page waits for (brotli)', unit: 'bytes', rows: rows.toSorted(([, a], [, b]) => a.page - b.page).map(([name, { page }]) => ({ label: name, value: page, own: isOwn(name) })) }),
      'size-all': bars({ title: 'Total bytes (brotli)', unit: 'bytes', rows: rows.map(([name, { brotli }]) => ({ label: name, value: brotli, own: isOwn(name) })) }),
    },
  };
}

function starting({ init }) {
  const rows = Object.entries(init).map(([name, { times, slow, requests }]) => [named(name), spreadOf(spread(times)), ms(median(slow)), asked(requests)]);
  return {
    text: `Loading the script and starting, with empty caches and no user signed in, until the app knows that. The last column lists the requests to the provider for a visitor who may never log in.

${table(['library', 'ms: median (10–90 %)', 'ms on a processor four times as slow', 'requests to the provider'], rows)}`,
    plots: {},
  };
}

function logins(results, settings, part, what) {
  const rows = Object.entries(results[part]).map(([key, { callback, total, requests }]) => {
    const floor = results[part][floorOf(key, settings)];
    const own = isFloor(key) ? ['', ''] : [factor(ratioToPartner(callback, floor.callback)), ms(overPartner(total, floor.total))];
    return [named(key), spreadOf(spread(callback)), own[0], spreadOf(spread(total)), own[1], asked(requests)];
  });
  const shown = [`${FLOOR}: RS256`, `${FLOOR}: no signature check`, WORKER_FLOOR];
  const plotted = Object.entries(results[part]).filter(([key]) => !isFloor(key) || shown.includes(key));
  return {
    text: `${what}

${table(['library', 'callback, ms', 'relative to the floor', 'from the click, ms', 'over the floor, ms', 'requests to the provider'], rows)}`,
    plots: {
      [part]: bars({
        title: part === 'first' ? 'The callback of a first login' : 'The callback of a repeated login',
        unit: 'ms',
        rows: plotted.map(([key, { callback }]) => ({ label: key, value: median(callback), own: isOwn(key) })).toSorted((a, b) => a.value - b.value),
      }),
    },
  };
}

function renewals({ renewal }, settings) {
  const rows = Object.entries(renewal).map(([key, { times, requests }]) => {
    const floor = renewal[floorOf(key, settings)];
    return [named(key), spreadOf(spread(times)), isFloor(key) ? '' : factor(ratioToPartner(times, floor.times)), asked(requests)];
  });
  return {
    text: `A requested renewal, from the call until the new token is available.

${table(['library', 'ms: median (10–90 %)', 'relative to the floor', 'requests'], rows)}`,
    plots: {},
  };
}

const differences = (pairs) => pairs.map(({ own, bare }) => own - bare);

function calls({ calls: all }) {
  const rows = Object.entries(all).map(([key, pairs]) => [named(key), ms(median(pairs.map(({ bare }) => bare))), ms(median(pairs.map(({ own }) => own))), spreadOf(spread(differences(pairs)))]);
  return {
    text: `An API call with the token, alternating with bare \`fetch\` with the same token in the same page: \`auth.fetch\` here, and \`fetch\` with the result of \`getAccessToken()\` elsewhere.

${table(['library', 'bare `fetch`, ms', 'with the library, ms', 'over `fetch`, ms: median (10–90 %)'], rows)}`,
    plots: {},
  };
}

function cached({ cached: all }) {
  const rows = Object.entries(all).map(([key, rates]) => [named(key), count(Math.round(median(rates))), (1e6 / median(rates)).toFixed(2)]);
  return {
    text: `A cached token, returned to the app. With this library, an app has to set \`exposeAccessToken\` to get one at all, and the worker sends it in a message.

${table(['library', 'tokens per second', 'µs each'], rows)}`,
    plots: {},
  };
}

function reloads({ reload }) {
  const rows = Object.entries(reload).map(([key, { times, requests, keeps }]) => [named(key), keeps ? spreadOf(spread(times)) : '–', keeps ? asked(requests) : 'the user is no longer signed in']);
  const kept = Object.entries(reload).filter(([, { keeps }]) => keeps);
  return {
    text: `From \`location.reload()\` until the app knows who is signed in: the page itself, the script, and all necessary requests, after a first login, with nothing else open in the browser. If a library can restore a session with a redirect, that is measured.

${table(['library', 'ms: median (10–90 %)', 'requests to the provider'], rows)}`,
    plots: {
      reload: bars({ title: 'From a reload to signed in', unit: 'ms', rows: kept.map(([key, { times }]) => ({ label: key, value: median(times), own: isOwn(key) })).toSorted((a, b) => a.value - b.value) }),
    },
  };
}

const sum = (trials, name) => trials.reduce((total, trial) => total + trial[name], 0);

function storms({ tabs, counts }) {
  const rows = Object.entries(tabs).map(([key, trials]) => [
    named(key), trials.length, [...new Set(trials.map(({ renewals: number }) => number))].toSorted((a, b) => a - b).join(', '),
    sum(trials, 'refused'), `${sum(trials, 'failed')} of ${count(sum(trials, 'calls'))}`, `${sum(trials, 'alive')} of ${TABS * trials.length}`,
  ]);
  return {
    text: `${TABS} tabs with one session, an expired access token, and ${counts.callsPerTab} API calls in each tab at the same instant. The provider accepts a refresh token once; a second use ends the session. A library that keeps each tab’s tokens separate has no session in the other tabs, and is not listed.

${table(['library', 'trials', 'renewals per trial', 'refused by the provider', 'failed calls', 'tabs still working'], rows)}`,
    plots: {},
  };
}

/** The targets of the design, and whether they are met. */
function targets(results) {
  const { size, first, login, reload, calls: all, tabs } = results;
  const rows = [];
  const row = (what, target, measured, met) => rows.push({ what, target, measured, met });
  if (size) {
    row('bytes that the page loads before it can render', '≤ 5,120', count(size[OWN].page), size[OWN].page <= 5120);
    row('total bytes', 'none: a ratchet', count(size[OWN].brotli));
  }
  for (const [part, words] of [[first, 'a first login'], [login, 'a repeated login']]) {
    if (!part?.[OWN_SETTING] || !part[WORKER_FLOOR]) continue;
    const ratio = ratioToPartner(part[OWN_SETTING].callback, part[WORKER_FLOOR].callback);
    row(`callback with the signature checked, ${words}`, '≤ 1.15 × the floor in a SharedWorker', factor(ratio), ratio <= 1.15);
  }
  if (reload?.[OWN_SETTING] && reload[STORAGE_FLOOR]) {
    const { times, requests } = reload[OWN_SETTING];
    const ratio = median(times) / median(reload[STORAGE_FLOOR].times);
    row('reload to `signed-in`, Chromium', '≤ 1.05 × tokens in localStorage by hand, no request', `${factor(ratio)}, ${asked(requests)}`, ratio <= 1.05 && requests.length === 0);
  }
  if (tabs?.[OWN_SETTING]) {
    const trials = tabs[OWN_SETTING];
    const good = trials.filter(({ renewals: number, failed, alive }) => number === 1 && failed === 0 && alive === TABS).length;
    row(`${TABS} tabs × ${results.counts.callsPerTab} calls with an expired token`, '1 token request, no failure', `${good} of ${trials.length} trials`, good === trials.length);
  }
  if (all?.[OWN_SETTING]) {
    const over = median(differences(all[OWN_SETTING]));
    row('`auth.fetch` over bare `fetch`', '≤ 1 ms at the median', `${ms(over)} ms`, over <= 1);
  }
  return targetTable(rows);
}

/** The distance of this library and of the floor in a SharedWorker from the floor in the page: what it costs to reach a worker. */
function inWorker({ first, login, reload }) {
  const parts = [first, login];
  const floor = `${FLOOR}: RS256`;
  if (!parts.every((part) => part?.[WORKER_FLOOR] && part[OWN_SETTING] && part[floor]) || !reload?.[WORKER_FLOOR]) return '';
  const ratios = (key) => parts.map((part) => factor(ratioToPartner(part[key].callback, part[floor].callback))).join(' and ');
  const took = (key) => `${ms(median(reload[key].times))} ms`;
  return `A page that cannot read the tokens has to reach a worker first. Compared with the floor in the page, the floor in a SharedWorker takes ${ratios(WORKER_FLOOR)} as long for the two callbacks, and this library ${ratios(OWN_SETTING)}. A reload takes ${took(WORKER_FLOOR)} for the floor in a SharedWorker, ${took(STORAGE_FLOOR)} for the floor with tokens in localStorage, and ${took(OWN_SETTING)} for this library.`;
}

/** Everything at which another library is better, the largest gap first. */
function losses(results) {
  const better = (what, own, others, write, least = 1.05) => {
    const ahead = others.filter(([, value]) => value * least < own).toSorted(([, a], [, b]) => a - b);
    if (ahead.length === 0) return [];
    return [`- ${what}: ${write(own)}. Better: ${ahead.map(([name, value]) => `${name} ${write(value)}`).join(', ')}.`];
  };
  const rivals = (part, of) => Object.entries(part).filter(([key]) => !isOwn(key) && !isFloor(key)).map(([key, value]) => [key, of(value)]);
  const { size, init, first, login, renewal, reload, cached: tokens } = results;
  const milliseconds = (number) => `${ms(number)} ms`;
  return [
    ...(size ? better('Total bytes', size[OWN].brotli, rivals(size, ({ brotli }) => brotli), count, 1) : []),
    ...(size ? better('Bytes before the page can render', size[OWN].page, rivals(size, ({ page }) => page), count, 1) : []),
    ...(init ? better('Start with empty caches', median(init[OWN].times), rivals(init, ({ times }) => median(times)), milliseconds) : []),
    ...(first ? better('Callback of a first login', median(first[OWN_SETTING].callback), rivals(first, ({ callback }) => median(callback)), milliseconds) : []),
    ...(login ? better('Callback of a repeated login', median(login[OWN_SETTING].callback), rivals(login, ({ callback }) => median(callback)), milliseconds) : []),
    ...(login ? better('A repeated login, from the click', median(login[OWN_SETTING].total), rivals(login, ({ total }) => median(total)), milliseconds) : []),
    ...(renewal ? better('A renewal', median(renewal[OWN_SETTING].times), rivals(renewal, ({ times }) => median(times)), milliseconds) : []),
    ...(reload ? better('A reload', median(reload[OWN_SETTING].times), rivals(reload, ({ times, keeps }) => (keeps ? median(times) : Infinity)), milliseconds) : []),
    ...(tokens ? better('A cached token returned to the app', 1e6 / median(tokens[OWN_SETTING]), rivals(tokens, (rates) => 1e6 / median(rates)), (number) => `${number.toFixed(1)} µs`) : []),
  ].join('\n');
}

const SECTIONS = [
  ['Bytes', 'size', sizes],
  ['Start', 'init', starting],
  ['A first login', 'first', (results, settings) => logins(results, settings, 'first', 'A visitor with empty caches and without a session at the provider, which logs the user in automatically. “Callback” is the time from the start on the callback page until the app knows who is signed in; “from the click” is the whole login, the loading of both pages included. Each is compared with the floor of the same round that checks the signature with the same algorithm, or checks none.')],
  ['A repeated login', 'login', (results, settings) => logins(results, settings, 'login', 'In the same tab, with a session at the provider and the files in the cache. The library may still know what it learned during the first login.')],
  ['A reload', 'reload', reloads],
  ['An API call', 'calls', calls],
  ['Several tabs', 'tabs', storms],
  ['A renewal', 'renewal', renewals],
  ['A cached token', 'cached', cached],
];

/** Writes a page with all numbers, and the plots next to it. */
export function report(results, settings, folder) {
  mkdirSync(folder, { recursive: true });
  const parts = [];
  for (const [title, part, write] of SECTIONS) {
    if (!results[part]) continue;
    const { text, plots } = write(results, settings);
    const pictures = Object.entries(plots).map(([name, svg]) => {
      writeFileSync(path.join(folder, `${name}.svg`), svg);
      return `![${svg.match(/<title>(.*?)<\/title>/)[1]}](${name}.svg)`;
    });
    parts.push([`## ${title}`, text, ...pictures].join('\n\n'));
  }
  const text = `# Compared with other libraries

\`cargo xtask bench\` wrote this page. Every figure comes from one run on one machine, against one provider, with all candidates alternating, in another order in every round. Milliseconds differ between machines; look at the ratios, and at the floor: the same work done with bare \`fetch\` and \`crypto.subtle\`. No library can be faster than the floor unless it has done part of the work before.

${about(results)}

The servers of this run are on the same machine, without network delay. [On slow links](slow.md), round trips and bytes determine how long a visit takes.

## The targets

${targets(results)}

${inWorker(results)}

## Where others are better

${losses(results)}

${parts.join('\n\n')}

## What did not work in this run

${problemList(results.problems)}

msal-browser was not run: it signs in only at its vendor’s provider. keycloak-js parses access and refresh tokens, so the provider issued JWTs for it. The pages are served from the same machine without delay, which favours libraries that send many requests.
`;
  writeFileSync(path.join(folder, 'README.md'), text);
}
