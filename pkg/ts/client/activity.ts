/** What a user does in a page. Events that a script has made do not count. */
const EVENTS = ["keydown", "pointerdown", "pointermove", "touchmove", "wheel"];

/** In milliseconds: a page reports at most this often that its user is active, and at least so often while the user is. */
const SHORTEST_INTERVAL = 500;
const LONGEST_INTERVAL = 15_000;

/**
 * Calls `report` when the user is active: at once, and then at most once in a twentieth of `after` (seconds), so that a moving pointer causes no
 * storm of messages.
 */
export function watchActivity(after: number, signal: AbortSignal, report: () => void): void {
  const interval = Math.min(Math.max(after * 50, SHORTEST_INTERVAL), LONGEST_INTERVAL);
  let isResting = false;
  let isSeen = false;
  const rest = (): void => {
    isResting = isSeen;
    if (!isSeen || signal.aborted) return;
    isSeen = false;
    report();
    setTimeout(rest, interval);
  };
  const seen = ({ isTrusted }: Event): void => {
    if (!isTrusted) return;
    isSeen = true;
    if (!isResting) rest();
  };
  for (const name of EVENTS) addEventListener(name, seen, { signal, passive: true, capture: true });
}
