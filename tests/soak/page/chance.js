// Seeded random numbers (mulberry32). The script and the pages both use it.

export function createChance(seed) {
  let state = seed >>> 0;

  function next() {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  return {
    next,
    between: (low, high) => low + next() * (high - low),
    pick: (list) => list[Math.floor(next() * list.length)],
    /** Pauses of independent users: mostly short ones, and long ones now and then. */
    exponential: (mean) => -Math.log(1 - next()) * mean,
    /** An item of a list, chosen by weight. */
    weighted(list) {
      let left = next() * list.reduce((sum, { weight }) => sum + weight, 0);
      return list.find(({ weight }) => (left -= weight) < 0) ?? list.at(-1);
    },
    /** A seed for another generator. */
    seed: () => Math.floor(next() * 2 ** 32),
  };
}
