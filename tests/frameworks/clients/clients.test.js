// The recipes of docs/recipes/http-clients.md, each with the client itself: its code is that of the page.
import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { copyFile, cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../e2e/support/eventually.js';
import { ada } from '../../e2e/support/people.js';
import { policyOf } from '../../packaging/support/policies.js';
import { scratch } from '../../packaging/support/scratch.js';
import { files, visit } from '../../packaging/support/stage.js';
import { fromRecipes, recipes } from './recipes.js';
import { startServer } from './server.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));

const INVOICES = [{ id: '1' }];
const FORBIDDEN = { message: 'forbidden' };
const GRAPHQL = { invoices: [{ __typename: 'Invoice', id: '1' }] };

/** For each client: what its recipe returns, what it makes of a status 403, and of an abort. */
const CLIENTS = {
  axios: { works: INVOICES, fails: ['AxiosError', 403, FORBIDDEN], aborts: 'CanceledError' },
  ky: { works: INVOICES, fails: ['HTTPError', 403, FORBIDDEN], aborts: 'AbortError' },
  'openapi-fetch': { works: INVOICES, fails: ['error', 403, FORBIDDEN], aborts: 'AbortError' },
  'tanstack-query': { works: [INVOICES, true, INVOICES], fails: 'address_not_listed', aborts: 'CancelledError' },
  apollo: { works: GRAPHQL, fails: ['ServerError', 403], aborts: 'AbortError' },
  urql: { works: GRAPHQL, fails: ['CombinedError', 403], aborts: 'unsubscribed' },
  'graphql-request': { works: GRAPHQL, fails: ['ClientError', 403], aborts: 'AbortError' },
  trpc: { works: INVOICES, fails: [true, 403], aborts: 'AbortError' },
  'connect-web': { works: 12, fails: [true, 'PermissionDenied'], aborts: 'Canceled' },
  'supabase-js': { works: INVOICES, fails: ['forbidden', 403], aborts: 'AbortError: signal is aborted without reason' },
  'ai-sdk': { works: 'hello', fails: JSON.stringify(FORBIDDEN), aborts: 'AbortError' },
  'fetch-event-source': { works: ['one', 'two'], fails: 'Expected content-type to be text/event-stream, Actual: application/json', aborts: 'ended' },
  eventsource: { works: ['one', 'two'], fails: [403, true], aborts: 'closed' },
  tus: { works: '/v1/files/1', fails: 403, aborts: 'aborted' },
  xhr: { works: [200, 100_000, 100_000] },
};

/** Bundles the app and a page for each client. */
async function bundle(origin) {
  const root = await scratch('clients', HERE);
  for (const folder of ['pages', 'gen']) await cp(path.join(HERE, folder), path.join(root, folder), { recursive: true });
  const dist = path.join(root, 'dist');
  await mkdir(dist);
  await build({
    entryPoints: ['app', ...Object.keys(CLIENTS)].map((name) => path.join(root, `pages/${name}.js`)),
    outdir: dist,
    bundle: true,
    format: 'esm',
    logLevel: 'error',
    plugins: [fromRecipes(await recipes(origin), root)],
  });
  await copyFile(path.join(root, 'pages/index.html'), path.join(dist, 'index.html'));
  for (const name of ['vault.js', 'vault.wasm']) await copyFile(path.join(root, 'node_modules/wristband-spa-auth/dist', name), path.join(dist, name));
  return dist;
}

test('every recipe for an HTTP client works as the page has it', async (run) => {
  const server = await startServer();
  const prefix = `${server.origin}/v1/`;
  try {
    const settings = { apis: [prefix, `${server.origin}/rest/v1/`], exposeAccessToken: true };
    // Calls that fail on purpose are logged, and so is that zod, which the AI SDK uses, tries to compile code before it does without.
    const announced = [/status of 403/, /TrustedScript/, /trusted-types-sink/];
    await visit({ start: files(await bundle(server.origin)), settings, announced }, async ({ app, page, provider, site }) => {
      // Only the vault may connect to the API, and the page for `XMLHttpRequest`.
      site.headers = (name) => ({ 'Content-Security-Policy': policyOf(name, provider).replace("connect-src 'self'", `$& ${server.origin}`) });
      await page.goto(site.url());
      await app.provider.signIn(ada);
      await page.waitForFunction(() => window.auth);
      await page.evaluate((url) => { window.apiPrefix = url; }, prefix);

      for (const [name, expected] of Object.entries(CLIENTS)) {
        await run.test(name, async () => {
          const call = (method) => page.evaluate(async ([file, fn]) => (await import(`/${file}.js`))[fn](), [name, method]);
          assert.deepEqual(await call('works'), expected.works);
          if ('fails' in expected) assert.deepEqual(await call('fails'), expected.fails);
          if (!('aborts' in expected)) return;
          const [before, closed] = [server.requests.length, server.closed];
          await page.evaluate(async (file) => {
            window.stop = new AbortController();
            window.outcome = (await import(`/${file}.js`)).aborts(window.stop.signal);
          }, name);
          await eventually('the request', () => server.requests.length > before);
          assert.equal(await page.evaluate(() => { window.stop.abort(); return window.outcome; }), expected.aborts);
          await eventually('the end of the request', () => server.closed > closed);
        });
      }
      assert.deepEqual(server.unauthorized, []);
      assert.equal(server.files.get('1'), 'one two three');
    });
  } finally {
    await server.close();
  }
});
