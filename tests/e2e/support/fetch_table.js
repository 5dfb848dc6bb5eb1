// Performs the cases of the table with `fetch` and `auth.fetch`, and compares what was observed.
import { isDeepStrictEqual } from 'node:util';
import { CASES } from './package/fetch_cases/index.js';

/** Headers of a request that `auth.fetch` is there for, or that Chromium does not send from a shared worker. */
const IGNORED = new Set(['authorization', 'sec-ch-ua', 'sec-ch-ua-mobile', 'sec-ch-ua-platform']);

/** Replaces what differs from run to run: its name, the ports and the boundaries of forms. */
function normalize(value, run, origins) {
  let text = JSON.stringify(value).replaceAll(run, 'RUN').replaceAll(/-{4,}[\w-]*?[Bb]oundary\w+/g, 'BOUNDARY');
  for (const [name, origin] of Object.entries(origins)) text = text.replaceAll(origin, name).replaceAll(new URL(origin).host, name);
  return JSON.parse(text);
}

/** A request without what is ignored. The boundary of a form is random, and in Firefox so is its length. */
function withoutIgnored({ headers, ...request }) {
  const isForm = /boundary/i.test(request.body);
  const isCompared = ([name]) => !IGNORED.has(name) && !(isForm && name === 'content-length');
  return { ...request, headers: Object.fromEntries(Object.entries(headers).filter(isCompared)) };
}

/** Every place in which two values differ, with what is there. */
export function differences(plain, ours, path = '') {
  if (isDeepStrictEqual(plain, ours)) return [];
  const areObjects = [plain, ours].every((value) => typeof value === 'object' && value && !Array.isArray(value));
  const areLists = [plain, ours].every(Array.isArray) && plain.length === ours.length;
  if (!areObjects && !areLists) return [{ path, plain, ours }];
  const keys = [...new Set([...Object.keys(plain), ...Object.keys(ours)])];
  return keys.flatMap((key) => differences(plain[key], ours[key], path ? `${path}.${key}` : key));
}

/** The documented reason for which a case differs, with the vault in this location. */
export const reasonOf = ({ differs }, vault) => (typeof differs === 'object' ? differs[vault] : differs);

/** The runs of all tests: the server knows a run by its number. */
let runs = 0;

/**
 * Makes a function that performs a case both ways on the page of an app that is signed in. `closes` says whether the engine ends a
 * connection reliably when a request was aborted.
 */
export function table({ app, server, site, closes = true }) {
  async function once({ name, run: { isRace } }, isPlain) {
    const run = `run-${String(runs += 1).padStart(4, '0')}`;
    site.spoil(`own/${run}/same.json`, { body: '{"own":true}' });
    const origins = { ...server.origins, site: site.origin };
    const perform = async ([which, how]) => (await import('/fetch_cases/index.js')).perform(which, how);
    const seen = await app.page.evaluate(perform, [name, { isPlain, run, origins, closes }]);
    const own = site.requests.filter((request) => request.name.startsWith(`own/${run}/`)).map(({ headers }) => ({ headers }));
    const received = isRace ? [] : [...server.requests(run), ...own];
    return normalize({ ...seen, received: received.map(withoutIgnored) }, run, origins);
  }

  return async (one) => ({ plain: await once(one, true), ours: await once(one, false) });
}

export { CASES };
