// The table of vectors, `tests/vectors/*.json`, which the native tests read as well.
import { readFile } from 'node:fs/promises';

const CHAPTERS = ['claims', 'header', 'keys', 'token_response', 'user_info', 'discovery', 'callback'];
const file = (name) => new URL(`../../vectors/${name}.json`, import.meta.url);

/** The file with the outcome of each case in a browser, for `docs/conformance.md`. */
export const SEEN = file('seen-in-chromium');

/** Each row once for each of its moments. Those that cannot be run in a browser are left out. */
export async function cases() {
  const chapters = await Promise.all(CHAPTERS.map(async (name) => JSON.parse(await readFile(file(name), 'utf8'))));
  return chapters.flatMap(({ chapter, rows }) => rows.filter(({ only }) => !only?.native).flatMap((row) => (
    Object.entries(row.expected).map(([moment, expected]) => ({
      ...row, id: `${chapter}: ${row.lie ?? row.truth} (${moment})`, moment, expected,
    })))));
}

const nested = (depth) => (depth > 1 ? [nested(depth - 1)] : []);

const FORMS = {
  $now: (seconds, { now }) => now + seconds,
  $text: (pieces) => pieces.map((piece) => (Array.isArray(piece) ? piece[0].repeat(piece[1]) : piece)).join(''),
  $nest: nested,
};

/**
 * A value, completed with what only a provider knows: `$app`, `$client`, `$issuer`, `$sub` in strings, `{"$now": seconds}`; and with what is too
 * long to be written down: `{"$text": [text or [text, times], …]}` and `{"$nest": depth}`.
 */
export function expanded(value, known) {
  if (typeof value === 'string') return value.replaceAll(/\$(app|client|issuer|sub)/g, (_whole, name) => known[name]);
  if (Array.isArray(value)) return value.map((item) => expanded(item, known));
  if (typeof value !== 'object' || value === null) return value;
  const [[name, content] = []] = Object.entries(value);
  if (FORMS[name]) return FORMS[name](content, known);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expanded(item, known)]));
}
