// The vectors in a browser: every attack is refused, every valid variant accepted. One tab runs all of them.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { startVectorRunner } from './support/vector_runner.js';
import { cases, SEEN } from './support/vectors.js';

const all = await cases();
const seen = {};

for (const [name, plain] of [['a Wristband application', false], ['an ordinary OpenID provider', true]]) {
  describe(name, () => {
    let runner;
    before(async () => { runner = await startVectorRunner({ plain }); });
    after(() => runner?.close());
    for (const lie of all.filter(({ provider }) => (provider === 'openid') === plain)) {
      it(`${lie.id}: ${lie.expected}`, { timeout: 60_000 }, async () => {
        seen[lie.id] = await runner.tell(lie);
        assert.equal(seen[lie.id], lie.expected);
      });
    }
  });
}

after(async () => {
  if (!process.env.UPDATE_DOCS) return;
  const inOrder = Object.fromEntries(all.map(({ id }) => [id, seen[id]]));
  await writeFile(SEEN, `${JSON.stringify(inOrder, null, 2)}\n`);
});
