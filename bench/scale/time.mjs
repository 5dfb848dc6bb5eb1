// Replaces the clock of a worker for a measurement: both clocks, all timers and all deadlines. A day passes in seconds, and the vault
// still acts on its own timers.
import { openWorker } from '../../tests/e2e/support/devtools.js';

/** Runs in the worker. From now on time passes as before, and timers also run on request. */
function takeTime() {
  const [date, steady] = [Date.now, performance.now.bind(performance)];
  const timers = new Map();
  // The browser's own timers have small numbers.
  let [ahead, last] = [0, 1_000_000];
  const now = () => steady() + ahead;
  Date.now = () => date() + ahead;
  performance.now = now;
  globalThis.setTimeout = (callback, delay = 0, ...given) => {
    last += 1;
    timers.set(last, { callback, due: now() + delay, given });
    return last;
  };
  globalThis.clearTimeout = (id) => { timers.delete(id); };
  let deadlines = [];
  AbortSignal.timeout = (delay) => {
    const controller = new AbortController();
    deadlines.push({ controller, due: now() + delay });
    return controller.signal;
  };
  const next = () => [...timers].sort(([, a], [, b]) => a.due - b.due)[0];
  globalThis.time = {
    /** The number of seconds until the next timer is due. */
    next: () => (timers.size > 0 ? Math.max(0, (next()[1].due - now()) / 1000) : -1),
    /** Lets this many seconds pass at once, and runs what is due by then. */
    pass(seconds) {
      ahead += seconds * 1000;
      for (const { controller } of deadlines.filter(({ due }) => due <= now())) controller.abort(new DOMException('', 'TimeoutError'));
      deadlines = deadlines.filter(({ due }) => due > now());
      while (timers.size > 0 && next()[1].due <= now()) {
        const [id, { callback, given }] = next();
        timers.delete(id);
        callback(...given);
      }
    },
  };
}

/** Takes over the clock of a worker. Returns the functions of `takeTime`. */
export async function timeOf(worker) {
  const tools = await openWorker(worker);
  const run = async (expression) => {
    const { result, exceptionDetails } = await tools.send('Runtime.evaluate', { expression, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  await run(`(${takeTime})()`);
  return {
    next: () => run('time.next()'),
    pass: (seconds) => run(`time.pass(${seconds})`),
    end: () => tools.detach(),
  };
}
