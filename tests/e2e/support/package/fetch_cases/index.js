// The cases of the table of `fetch_table.test.js`: each is a function that uses `fetch`, and returns what it has observed as plain data.
import { BODIES } from './bodies.js';
import { HEADERS, INPUTS, METHODS } from './inputs.js';
import { OPTIONS } from './options.js';
import { RESPONSES, STREAMS } from './responses.js';
import { SIGNALS } from './signals.js';
import { errorOf } from './look.js';

/**
 * A case: its `name`, its function, the documented reason for which `auth.fetch` `differs`, and the server that it is `on`: `h1` for
 * HTTP/1.1 or `h2` for HTTP/2. A difference in some locations of the vault only has a reason for each of them.
 */
export const CASES = [INPUTS, METHODS, HEADERS, BODIES, OPTIONS, SIGNALS, RESPONSES, STREAMS].flat()
  .map(([name, run, differs, on = 'h1']) => ({ name, run, differs, on }));

/** How long a case waits for what should happen at once, in milliseconds. */
const PATIENCE = 10_000;

/** The actions of the server, for one run. They go over the browser's own `fetch`. */
const serverOf = (origin, run, closes) => new Proxy({}, {
  get: (_, action) => async (text = '') => {
    if (action === 'closed' && !closes) return;
    await window.fetch(`${origin}/control/${run}/${action}?text=${encodeURIComponent(text)}`, { method: 'POST', signal: AbortSignal.timeout(PATIENCE) });
  },
});

/** Runs a case with `fetch` or `auth.fetch`, under the name of this run. Returns what it observed, and how many rejections were unhandled. */
export async function perform(name, { isPlain, run, origins, closes }) {
  const { run: body, on } = CASES.find((one) => one.name === name);
  const fetch = isPlain ? (...given) => window.fetch(...given) : (...given) => window.auth.fetch(...given);
  let unhandled = 0;
  const count = (event) => {
    event.preventDefault();
    unhandled += 1;
  };
  addEventListener('unhandledrejection', count);
  const world = {
    fetch,
    url: (path) => `${origins[on]}/v1/${run}/${path}`,
    own: (path) => `/own/${run}/${path}`,
    server: serverOf(origins.h1, run, closes),
  };
  const limit = new Promise((_, reject) => { setTimeout(() => reject(new Error('it has not ended')), 2 * PATIENCE); });
  const outcome = await Promise.race([body(world), limit]).then((value) => ({ value }), errorOf);
  // The browser reports them after the current task.
  await new Promise((resolve) => { setTimeout(resolve); });
  removeEventListener('unhandledrejection', count);
  // As it would arrive from the browser: without what is undefined.
  return JSON.parse(JSON.stringify({ ...outcome, unhandled }));
}
