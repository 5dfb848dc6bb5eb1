// `auth.fetch` beside `fetch`, in every engine: the table of `../e2e/fetch_table.test.js`, without HTTP/2, for which an engine would
// have to trust a certificate.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { startFetchServer } from '../e2e/support/fetch_server.js';
import { CASES, differences, reasonOf, table } from '../e2e/support/fetch_table.js';
import { ada } from '../e2e/support/people.js';
import { QUIRKS } from './support/fetch_quirks.js';
import { stage } from './support/harness.js';

const { test } = stage();

let server;
before(async () => { server = await startFetchServer(); });
after(() => server.close());

/** Engines word the errors of `Request` and `fetch` differently. */
const isWording = ({ path }) => path.endsWith('message');

// Many cases are failures, which the browser logs.
test('auth.fetch does what fetch does, except for documented differences', { announced: [/./] }, async ({ app, engine, site }) => {
  const { h1 } = server.origins;
  Object.assign(site.config, { vault: 'shared', apis: [`${h1}/v1/`, `${site.origin}/own/`] });
  site.connectTo.push(h1);
  site.headers = () => ({});
  await app.open();
  await app.logIn(ada);
  const perform = table({ app, server, site, closes: engine === 'chromium' });
  const unlike = new Map();
  for (const one of CASES.filter(({ on }) => on === 'h1')) {
    const { plain, ours } = await perform(one);
    const found = differences(plain, ours).filter((difference) => !isWording(difference));
    if (found.length && !reasonOf(one, 'shared')) unlike.set(one.name, found);
  }
  const expected = QUIRKS[engine] ?? {};
  const problems = [...unlike].filter(([name]) => !Object.hasOwn(expected, name)).map(([name, found]) => [name, ...found.map((one) => JSON.stringify(one))]);
  assert.deepEqual(problems, []);
  assert.deepEqual(Object.keys(expected).filter((name) => !unlike.has(name)), [], 'These no longer differ.');
});
