// Waits for something that has no event: mostly an entry in the provider's log.
import { setTimeout as pause } from 'node:timers/promises';

/** Repeats a check until it returns something truthy, and returns that. An error of the check counts as "not yet". */
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
