// Return addresses, hostile ones among them: as a browser resolves them, all stay in the app.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, it } from 'node:test';
import { startVectorRunner } from './support/vector_runner.js';
import { expanded } from './support/vectors.js';

const rows = JSON.parse(await readFile(new URL('../vectors/return_addresses.json', import.meta.url), 'utf8'));
let runner;
before(async () => { runner = await startVectorRunner({ plain: false }); });
after(() => runner?.close());

for (const [wish, kept] of rows) {
  // An address that cannot be used counts as none: the user returns to the page that started the login.
  it(`${JSON.stringify(wish)} leads to ${kept ?? 'the default page'}`, async () => {
    const returnTo = expanded(wish, { app: runner.site.origin });
    assert.equal(await runner.comeBack({ returnTo }), 'accepted, signed-in');
    const { origin, pathname, search, hash } = new URL(await runner.page.evaluate(() => location.href));
    assert.deepEqual([origin, pathname + search + hash], [runner.site.origin, kept ?? '/']);
  });
}
