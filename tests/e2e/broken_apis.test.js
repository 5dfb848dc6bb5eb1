// Each browser API that the library uses fails, one at a time, in each way and at each moment: no call waits forever, and the caller
// learns why (law 11).
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startBrokenApis } from './support/broken_apis.js';
import { cells, nameOf } from './support/broken_cells.js';
import { compare, write } from './support/broken_page.js';

/** With `UPDATE_DOCS` the page in the documentation is written, which takes every cell. */
const UPDATE = Boolean(process.env.UPDATE_DOCS);
const ALL = cells({ everything: UPDATE || Boolean(process.env.BROKEN_APIS_ALL) });

/** A cell that fails silently mostly waits: so more cells run at once than there are processors. */
const AT_ONCE = 10;

const seen = new Map();

/** Everything that is wrong with a result. */
function problemsOf({ settled, pageErrors, interruptions, isKept, outcome }) {
  const problems = [...pageErrors];
  for (const { pending, error, code, isAuthError, isAborted } of settled) {
    if (pending) problems.push('a call has not settled in time');
    if (error && !isAborted && !(isAuthError && code)) problems.push(`this is no AuthError: ${error}`);
  }
  // A page may lose its vault because of the failure, and finds another one. More than that is a loop.
  if (interruptions > 1) problems.push(`the page looked for a vault ${interruptions} times`);
  if (!isKept) problems.push('the session is lost');
  return problems.map((problem) => `${outcome}: ${problem}`);
}

describe('law 11: an API of the browser that fails', { concurrency: AT_ONCE }, () => {
  let stage;
  before(async () => { stage = await startBrokenApis(); });
  after(() => stage?.close());

  for (const cell of ALL) {
    it(`law 11: ${nameOf(cell)}`, { timeout: 180_000 }, async () => {
      const found = await stage.perform(cell);
      seen.set(nameOf(cell), found);
      assert.deepEqual(problemsOf(found), []);
    });
  }
});

it('the effect of each failing API is the documented one', async () => {
  if (UPDATE) await write(ALL, seen);
  assert.deepEqual(await compare(ALL, seen), [], 'docs/internals/browser-failures.md: run this test with UPDATE_DOCS=1');
});
