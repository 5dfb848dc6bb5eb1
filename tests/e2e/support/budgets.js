// Holds what was counted against a budget. One that is not used up is too large: what was won once is not lost again.
import assert from 'node:assert/strict';

/** Everything that is counted, in the order in which it is told. */
const COLUMNS = ['to the host', 'to the provider', 'to the vault', 'from the vault'];

/** The differences between a budget and what was counted, each as a sentence. What neither names is nought. */
export function differences(budget, counted) {
  return COLUMNS.flatMap((column) => {
    const [most, seen] = [budget[column] ?? {}, counted[column] ?? {}];
    const names = [...new Set([...Object.keys(most), ...Object.keys(seen)])].sort();
    return names.flatMap((name) => {
      const [allowed, count] = [most[name] ?? 0, seen[name] ?? 0];
      if (count === allowed) return [];
      const sentence = `${column}, ${name}: ${count} counted, the budget is ${allowed}`;
      return [count > allowed ? sentence : `${sentence}: lower the budget`];
    });
  });
}

/** Fails where more was counted than the budget has, or less. */
export function keep(budgets, name, counted) {
  assert.ok(budgets[name], `There is no budget for "${name}".`);
  assert.deepEqual(differences(budgets[name], counted), [], `The budget for "${name}" is not kept. Counted: ${JSON.stringify(counted)}`);
}
