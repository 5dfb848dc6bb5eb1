// The page of the documentation that lists where `auth.fetch` differs from `fetch`.
import { readFile, writeFile } from 'node:fs/promises';
import { CASES, reasonOf } from './fetch_table.js';

const PAGE = new URL('../../../docs/internals/fetch.md', import.meta.url);

const LOCATIONS = ['shared', 'worker', 'page'];

/** Why a case differs: a heading, and what an app should know. */
const REASONS = {
  unlisted: ['URLs that are not listed', '`auth.fetch` would send the access token along, so it sends nothing to a URL that `apis` does not list. Use `fetch` for it.'],
  network: ['The network failed', 'Every `TypeError` of `fetch` that says that no response arrived is an `AuthError` with the code `network`, and its `retryable` is '
    + '`true`. Libraries that look for a `TypeError` to repeat a request need their own condition: [recipes](../recipes/http-clients.md).'],
  redirect: ['Redirects', 'A token never follows a redirect, because it could lead anywhere. `redirect` has no effect. Call the final URL.'],
  refused: ['Status 401', 'The vault renews the token and sends the request a second time, if its body can be sent again. The app gets the second response.'],
  short: ['Short bodies', 'A body with a declared length below 100 kB has arrived when the call is fulfilled. If it breaks off, the call itself rejects.'],
  bodyless: ['Responses without a body', '`body` is `null` with the statuses 204, 205 and 304, as the standard says. In Chromium, `fetch` has an empty stream there.'],
  headers: ['The headers of a response', 'They can be changed; those of `fetch` cannot.'],
  integrity: ['A wrong `integrity`', 'The error is `config_invalid`, and says that the digest is another one.'],
  'too-large': ['`keepalive` with a large body', 'Browsers send at most 64 KiB with `keepalive`. The error is `config_invalid`, and says so.'],
  keepalive: ['`keepalive` in a worker of the tab', 'Such a vault ends with its page, and so would the request. It is refused at once, with `config_invalid`. '
    + 'In Firefox and Safari that holds for a shared worker too.'],
  'no-cors': ['`mode: "no-cors"`', 'Such a request cannot carry a token. It is sent with the mode `cors`, and the API has to allow it.'],
  request: ['A `Request` that was made with a stream', 'It is sent when its stream has ended, and with its length. A stream in `init` is sent as it is made.'],
  referrer: ['The referrer', 'The vault\'s script is the referrer, with the `Referrer-Policy` of its own response, unless the call names another one in `referrer`.'],
  conditional: ['Conditional requests', 'Chromium adds this header to those of a page, and not to those of a worker.'],
};

const HEAD = `# auth.fetch and fetch

\`auth.fetch\` takes what \`fetch\` takes, and does the same with it. \`tests/e2e/fetch_table.test.js\` performs COUNT cases with both, in Chromium, with
the vault in each of its locations. It compares everything that the app can observe (fields, bodies, the class and message of an error, unhandled
rejections) and everything that the server receives. These are all the differences. Everything else is equal, errors of the caller included: they are
the browser's own. \`tests/engines/fetch_table.test.js\` does the same in Firefox and WebKit, without HTTP/2.

Two things are in no table: the header \`Authorization\`, which \`auth.fetch\` sets, also over one that the call sets; and in Chromium the headers
\`Sec-CH-UA\`, which a shared worker does not send. Errors that \`fetch\` cannot have, such as \`not_signed_in\`, are in [Errors](../errors.md).

The vault sends the request, so with the vault in a worker, its Content-Security-Policy and referrer policy apply, and not those of the page.

Where browsers do not follow the standard, \`auth.fetch\` mostly does:

- Firefox and Safari reject an aborted call, or the body of its response, with an \`AbortError\` where the standard says the signal's reason.
- Browsers that cannot send streams (Firefox, Safari) send one as the string \`[object ReadableStream]\`. \`auth.fetch\` reads it to its end there, and
  sends what it read.

\`UPDATE_DOCS=1 FACE=pkg node --test fetch_table.test.js\` in \`tests/e2e\` writes this page.
`;

const code = (text) => `\`${text}\``;

/** One side of a difference, in few words. */
function shown(difference, side) {
  const { path, [side]: value } = difference;
  const name = path.split('.').filter((part) => !/^(value|received|headers|\d+)$/.test(part)).join('.');
  if (path.endsWith('message') || (path.endsWith('error') && value === undefined)) return [];
  if (path.endsWith('error')) return [code(value)];
  if (path === 'received') return [`${value.length} ${value.length === 1 ? 'request' : 'requests'}`];
  if (value === undefined) return name ? [`no ${code(name)}`] : [];
  if (value?.status !== undefined) return [`status ${value.status}`];
  return [name ? code(`${name}: ${JSON.stringify(value)}`) : code(JSON.stringify(value))];
}

const summary = (found, side) => [...new Set(found.flatMap((one) => shown(one, side)))].join(', ') || 'fulfilled';

/** The rows of a reason: the cases in the order of the table, as they were seen. */
function rowsOf(reason, seen) {
  return CASES.flatMap((one) => {
    const where = LOCATIONS.filter((vault) => reasonOf(one, vault) === reason);
    if (!where.length) return [];
    const found = seen.get(where[0]).get(one.name);
    const name = where.length < LOCATIONS.length ? `${one.name} (vault: ${where.join(', ')})` : one.name;
    return [`| ${name} | ${summary(found, 'plain')} | ${summary(found, 'ours')} |`];
  });
}

/** The page, from what was seen: for each location of the vault, the differences of each case. */
export function pageOf(seen) {
  const sections = Object.entries(REASONS).map(([reason, [heading, text]]) => [
    '', `## ${heading}`, '', text, '', '| case | `fetch` | `auth.fetch` |', '|---|---|---|', ...rowsOf(reason, seen), '',
  ].join('\n'));
  return [HEAD.replace('COUNT', CASES.length), ...sections].join('');
}

export const write = (seen) => writeFile(PAGE, pageOf(seen));
export const written = () => readFile(PAGE, 'utf8').catch(() => '');
