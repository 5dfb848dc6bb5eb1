// The table of what was seen at each provider, which is a page of the documentation.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { STEPS } from './life.js';

const PAGE = new URL('../../../docs/providers/seen.md', import.meta.url);

const rowOf = (title, seen) => `| ${[title, ...STEPS.map((step) => seen[step] ?? '–')].join(' | ')} |`;

/** The lines of a section between its two marks. */
const section = (text, name) => text.split(`<!-- ${name} -->\n`)[1]?.split('<!-- end -->')[0] ?? '';

/** Compares a row of the table with what was seen. With `UPDATE_DOCS` it writes the row instead. */
export async function checkRow(name, title, seen) {
  const text = await readFile(PAGE, 'utf8');
  const rows = section(text, name).split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| provider'));
  const row = rowOf(title, seen);
  const index = rows.findIndex((line) => line.startsWith(`| ${title} |`));
  if (!process.env.UPDATE_DOCS) return assert.equal(rows[index], row, 'docs/providers/seen.md says something else: run this test with UPDATE_DOCS=1');
  if (index < 0) rows.push(row);
  else rows[index] = row;
  const head = `| provider | ${STEPS.join(' | ')} |\n|---|${STEPS.map(() => '---').join('|')}|\n`;
  const body = `${head}${rows.toSorted((a, b) => a.localeCompare(b, 'en')).join('\n')}\n`;
  const mark = `<!-- ${name} -->\n`;
  return writeFile(PAGE, text.replace(mark + section(text, name), mark + body));
}
