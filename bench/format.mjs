// How numbers and names are written in the reports.
export const OWN = 'wristband-spa-auth';
export const FLOOR = 'floor';
export const OWN_SETTING = `${OWN}: SharedWorker (default)`;
/** The floor that keeps the tokens in the same place as this library. */
export const WORKER_FLOOR = 'floor-worker: RS256, tokens in a SharedWorker';
/** The floor with the cheapest reload: it reads the tokens from storage. */
export const STORAGE_FLOOR = 'floor: RS256, tokens in localStorage';

const isNumber = (number) => number !== undefined && !Number.isNaN(number);

export const count = (number) => number.toLocaleString('en');
export const ms = (number) => (isNumber(number) ? number.toFixed(Math.abs(number) < 10 ? 1 : 0) : '–');
export const factor = (number) => (isNumber(number) ? `${number.toFixed(2)} ×` : '–');
export const spreadOf = ({ median, low, high }) => `${ms(median)} (${ms(low)}–${ms(high)})`;

export const isOwn = (key) => key === OWN || key.startsWith(`${OWN}:`);
export const isFloor = (key) => key.startsWith(FLOOR);
export const named = (key) => (isOwn(key) ? `**${key}**` : key);

export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column ? '--:' : '---'))), ...rows.map(line)].join('\n');
}

const SHORT = { '/.well-known/openid-configuration': 'discovery', '/.well-known/jwks.json': 'JWKS', '/oauth/token': 'token', '/oauth/revoke': 'revocation' };

/** The name of a provider's endpoint. */
export const endpoint = (path) => SHORT[path] ?? path;

/** The paragraph that says where and when the run took place. */
export const about = ({ date, machine, system, chromium, node, load }) => `${date} · ${machine} · ${system} · Chromium ${chromium} · Node ${node} · load before the run ${load.toFixed(2)}`;

/** The targets of the design, and the results. `met` is missing in a row without a target. */
export function targetTable(rows) {
  const verdict = { true: 'yes', false: '**missed**', undefined: '–' };
  return table(['what', 'target', 'measured', 'met'], rows.map(({ what, target, measured, met }) => [what, target, measured, verdict[met]]));
}

/** Each distinct failure, with its count. */
export const problemList = (problems) => Object.entries(problems).map(([problem, times]) => `- ${problem}${times > 1 ? ` (${times} times)` : ''}`).join('\n') || 'Nothing.';
