// Reads the `_headers` of a built site, as the hosts that support this file do.
import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** The rules in a folder, each with the headers of a path or of all paths with a prefix. A folder without the file has none. */
export async function rulesOf(folder) {
  const text = await readFile(path.join(folder, '_headers'), 'utf8').catch(() => '');
  const rules = [];
  for (const line of text.split('\n').filter(Boolean)) {
    const header = /^ {2}([\w-]+): (.*)$/.exec(line);
    if (header) rules.at(-1).headers[header[1]] = header[2];
    else rules.push({ path: line, headers: {} });
  }
  return rules;
}

/** The headers of a path: those of all its rules; of a header in several rules, the last one. */
export function headersOf(rules, pathname) {
  const matching = rules.filter((rule) => (rule.path.endsWith('*') ? pathname.startsWith(rule.path.slice(0, -1)) : pathname === rule.path));
  return Object.assign({}, ...matching.map(({ headers }) => headers));
}

/** A policy with other sources for a directive that it has. */
export const withSources = (policy, directive, sources) => policy.replace(new RegExp(`(?<=(^|; )${directive} )[^;]*`), sources);
