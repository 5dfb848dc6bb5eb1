// Law 4 with every way in which an app can wait for the session: SvelteKit has read the URL of the callback before it is replaced.
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { ada } from '../../e2e/support/people.js';
import { change, example } from '../../packaging/support/scratch.js';
import { visit } from '../../packaging/support/stage.js';
import { DEEP, isClean, livesThrough, TENANT } from '../support/life.js';
import { built } from './support.js';

const LOAD = 'src/routes/+layout.ts';
const withCreateAuth = (options) => async (root) => {
  await change(path.join(root, LOAD), 'import type { AuthOptions }', 'import { type AuthOptions, createAuth }');
  await change(path.join(root, LOAD), '{ ...options, navigate }', `await createAuth(${options})`);
};
const withRedirect = (root) => copyFile(path.join(import.meta.dirname, 'variants/callback.ts'), path.join(root, 'src/routes/callback/+page.ts'));

const VARIANTS = {
  'createAuth awaited in load': [withCreateAuth('{ ...options, navigate }')],
  'createAuth awaited in load, and a redirect of the callback instead of navigate': [withCreateAuth('options'), withRedirect],
  'a redirect of the callback instead of navigate': [(root) => change(path.join(root, LOAD), '{ ...options, navigate }', 'options'), withRedirect],
};

// All apps are built before the first test runs: the browser ends with the last test that is known.
const apps = [];
for (const [index, [as, edits]] of Object.entries(VARIANTS).entries()) {
  const root = await example('sveltekit', `sveltekit-return-${index}`, import.meta.dirname);
  for (const edit of edits) await edit(root);
  apps.push({ ...(await built(root)), as });
}
apps.forEach(livesThrough);

test('law 4: without navigate or a redirect, SvelteKit stays on the page of the callback, and the code does not come back', async () => {
  const root = await example('sveltekit', 'sveltekit-return-none', import.meta.dirname);
  await withCreateAuth('options')(root);
  await visit({ ...(await built(root)), settings: TENANT }, async ({ app, page, site }) => {
    await page.goto(site.url(DEEP.slice(1)), { waitUntil: 'commit' }).catch(() => {});
    await app.provider.signIn(ada);
    await app.says(/^Signed in to acme$/);
    await app.isAt(DEEP);
    await isClean(page, site);
    await page.getByRole('link', { name: 'Home', exact: true }).click();
    await app.isAt('/');
    await isClean(page, site);
  });
});
