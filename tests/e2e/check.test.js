// The demo's page that checks its own set-up, with the checks that apps in Rust load.
import assert from 'node:assert/strict';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';

const { test } = stage();

/** The API and the token endpoint refuse what they are asked. */
const announced = [/status of 40[04]/];

/** Runs the checks, and returns the findings: the verdict and the name of each. */
async function check(page) {
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await page.getByText(/^\d+ passed, \d+ failed, \d+ could not be made\.$/).waitFor();
  const heads = await page.locator('.finding-head').all();
  return Promise.all(heads.map(async (head) => (await head.locator('> *').allInnerTexts()).join(' ')));
}

for (const vault of ['auto', 'page']) {
  test(`the demo checks itself, and nothing is wrong, vault: ${vault}`, { announced }, async ({ demo, page, site }) => {
    site.config.vault = vault;
    await demo.open();
    await demo.logIn(ada);
    await page.getByRole('link', { name: 'Set-up' }).click();
    const found = await check(page);
    assert.ok(found.length > 18, found.join('\n'));
    assert.deepEqual(found.filter((finding) => !finding.startsWith('Passed ')), []);
    await demo.isSignedIn(ada);
  });
}

test('what is wrong comes first', { announced }, async ({ demo, page, site }) => {
  site.clockShift = 600;
  await demo.open('check');
  const [first, second] = await check(page);
  assert.equal(first, 'Failed clock');
  assert.match(second, /^Passed /);
});

test('without the checks the page says which file is missing', { announced: [/checks\.js|status of 404/] }, async ({ demo, page, site }) => {
  site.spoil('checks.js', { status: 404, type: 'text/plain' });
  await demo.open('check');
  assert.deepEqual(await check(page), ['Open checks']);
  site.heal('checks.js');
});

test('nobody loads the checks who does not check', async ({ demo, page, site }) => {
  await demo.open();
  await demo.logIn(ada);
  await page.getByRole('link', { name: 'Set-up' }).click();
  await page.getByRole('button', { name: 'Check', exact: true }).waitFor();
  assert.ok(!site.requests.some(({ name }) => name === 'checks.js'));
});
