// Return addresses, hostile ones among them: whatever a browser makes of each, it stays in the app.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, it } from 'node:test';
import { startLiar } from './support/liar.js';
import { expanded } from './support/lies.js';

const rows = JSON.parse(await readFile(new URL('../lies/return_addresses.json', import.meta.url), 'utf8'));
let liar;
before(async () => { liar = await startLiar({ plain: false }); });
after(() => liar?.close());

for (const [wish, kept] of rows) {
  it(`${JSON.stringify(wish)} leads to ${kept ?? 'no place of its own'}`, async () => {
    const returnTo = expanded(wish, { app: liar.site.origin });
    assert.equal(await liar.comeBack({ returnTo }), 'accepted, signed-in');
    const { origin, pathname, search, hash } = new URL(await liar.page.evaluate(() => location.href));
    assert.deepEqual([origin, pathname + search + hash], [liar.site.origin, kept ?? '/callback']);
  });
}
