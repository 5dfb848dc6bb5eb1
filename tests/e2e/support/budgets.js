// Compares the counts with a budget. A budget that is not used up is an error too: so an improvement is not lost again.
import assert from 'node:assert/strict';

/** Everything that is counted, in the order of the report. */
const COLUMNS = ['to the host', 'to the provider', 'to the vault', 'from the vault'];

/** The differences between a budget and the counts, each as a sentence. A missing entry is zero. */
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

/** Fails if the counts differ from the budget. */
export function keep(budgets, name, counted) {
  assert.ok(budgets[name], `There is no budget for "${name}".`);
  assert.deepEqual(differences(budgets[name], counted), [], `The budget for "${name}" is not kept. Counted: ${JSON.stringify(counted)}`);
}
