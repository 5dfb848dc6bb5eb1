// `auth.fetch` beside `fetch`: the same cases with both, against the same server. Everything that an app or the server can observe is
// equal, except for the differences that `docs/internals/fetch.md` lists.
import assert from 'node:assert/strict';
import { after, before, test as plainTest } from 'node:test';
import { pageOf, write, written } from './support/fetch_page.js';
import { startFetchServer } from './support/fetch_server.js';
import { CASES, differences, reasonOf, table } from './support/fetch_table.js';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';

const { test } = stage({ app: 'pkg' });

const LOCATIONS = ['shared', 'worker', 'page'];

/** With `CASE` only the cases whose names contain it, with all that was observed. */
const { CASE = '', UPDATE_DOCS } = process.env;

/** For each location of the vault, the differences of each case. */
const seen = new Map(LOCATIONS.map((vault) => [vault, new Map()]));

let server;
before(async () => { server = await startFetchServer(); });
after(() => server.close());

/** Why the differences of a case are not those that the documentation lists. */
function problemOf(one, vault, found) {
  if (found.length && !reasonOf(one, vault)) return [one.name, ...found.map((difference) => JSON.stringify(difference))].join('\n  ');
  return !found.length && reasonOf(one, vault) ? `${one.name}\n  does not differ` : undefined;
}

for (const vault of LOCATIONS) {
  // Many cases are failures, which the browser logs.
  const options = { trusts: true, announced: [/./], within: 300_000 };
  test(`auth.fetch does what fetch does, except for documented differences, vault location: ${vault}`, options, async ({ app, site, tell }) => {
    const { h1, h2 } = server.origins;
    Object.assign(site.config, { vault, apis: [`${h1}/v1/`, `${h2}/v1/`, `${site.origin}/own/`] });
    site.connectTo.push(h1, h2, 'data:');
    await app.open();
    await app.logIn(ada);
    const perform = table({ app, server, site });
    for (const one of CASES.filter(({ name }) => name.includes(CASE))) {
      const both = await perform(one);
      if (CASE) tell(`${one.name}\n${JSON.stringify(both, null, 1)}`);
      seen.get(vault).set(one.name, differences(both.plain, both.ours));
    }
    const problems = CASES.flatMap((one) => problemOf(one, vault, seen.get(vault).get(one.name) ?? []) ?? []);
    if (CASE) return;
    tell(`${CASES.length} cases, ${CASES.filter((one) => reasonOf(one, vault)).length} documented differences`);
    assert.deepEqual(problems, []);
  });
}

plainTest('the differences are the documented ones', { skip: Boolean(CASE) }, async () => {
  if (UPDATE_DOCS) await write(seen);
  assert.equal(await written(), pageOf(seen), 'docs/internals/fetch.md: run this test with UPDATE_DOCS=1');
});
