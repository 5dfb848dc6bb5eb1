// Each browser API that the library uses fails, one at a time, in each way and at each moment: nothing waits forever, and the caller
// learns why (law 11).
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startBrokenApis } from './support/broken_apis.js';
import { cells, nameOf } from './support/broken_cells.js';
import { compare, write } from './support/broken_page.js';

/** With `UPDATE_DOCS` the page in the documentation is written, for which every cell is needed. */
const UPDATE = Boolean(process.env.UPDATE_DOCS);
const ALL = cells({ everything: UPDATE || Boolean(process.env.BROKEN_APIS_ALL) });

/** A cell that fails silently waits most of the time: more than one processor could do are made at once. */
const AT_ONCE = 10;

const seen = new Map();

/** Everything that is wrong with what was seen. */
function problemsOf({ settled, complaints, interruptions, isKept, outcome }) {
  const problems = [...complaints];
  for (const { pending, error, code, isAuthError, isAborted } of settled) {
    if (pending) problems.push('a call has not settled in time');
    if (error && !isAborted && !(isAuthError && code)) problems.push(`this is no AuthError: ${error}`);
  }
  // A page may lose its vault because of what fails, and finds another one. More than that is a loop.
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

it('what comes of each API that fails is what the documentation says', async () => {
  if (UPDATE) await write(ALL, seen);
  assert.deepEqual(await compare(ALL, seen), [], 'docs/internals/browser-failures.md: run this test with UPDATE_DOCS=1');
});
