// The table of lies in a browser: no lie is accepted, no truth refused. One tab is told them all.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { startLiar } from './support/liar.js';
import { cases, SEEN } from './support/lies.js';

const all = await cases();
const seen = {};

for (const [name, plain] of [['a Wristband application', false], ['an ordinary OpenID provider', true]]) {
  describe(name, () => {
    let liar;
    before(async () => { liar = await startLiar({ plain }); });
    after(() => liar?.close());
    for (const lie of all.filter(({ provider }) => (provider === 'openid') === plain)) {
      it(`${lie.id}: ${lie.expected}`, { timeout: 60_000 }, async () => {
        seen[lie.id] = await liar.tell(lie);
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
