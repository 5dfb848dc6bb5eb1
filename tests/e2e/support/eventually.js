// Waiting for something that has no event: what the provider's log says, mostly.
import { setTimeout as pause } from 'node:timers/promises';

/** Repeats a check until it answers something true, and answers that. An error of the check counts as "not yet". */
export async function eventually(what, check, within = 15_000) {
  const deadline = performance.now() + within;
  for (;;) {
    let problem;
    try {
      const found = await check();
      if (found) return found;
    } catch (error) {
      problem = error;
    }
    if (performance.now() > deadline) throw new Error(`In vain waited for: ${what}`, { cause: problem });
    await pause(20);
  }
}
