// The strictest Content-Security-Policies, enforced and report-only: a whole session violates none of them.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { openWorker, workersOf } from './support/devtools.js';
import { eventually } from './support/eventually.js';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';
import { reportedHeaders } from './support/policies.js';

/** Waits for both reports of a violation: from the enforced policy and from the report-only one. */
const brokenTwice = (site, directive) => eventually(`two reports of ${directive}`, () => (
  site.pageErrors.filter((pageError) => pageError.startsWith(`policy: ${directive} `)).length === 2));

describe('the package', () => {
  const { test } = stage({ app: 'pkg' });

  for (const vault of ['shared', 'worker', 'page']) {
    test(`breaks no policy, vault location: ${vault}`, async ({ app, newApp, page, site }) => {
      site.config.vault = vault;
      site.headers = reportedHeaders(site);
      await app.open();
      await app.logIn(ada);
      assert.deepEqual(await app.callApi(2), [200, 200]);
      assert.equal(await page.evaluate(async () => (await window.auth.userInfo()).email), ada.email);
      assert.equal(await app.call('renew'), 'done');
      await page.reload();
      await app.isSignedIn(ada);
      const other = await newApp();
      await other.open();
      await other.isSignedIn(ada);
      await other.logOut();
      await app.isSignedOut();
      assert.deepEqual(site.pageErrors, []);
    });
  }

  test('that breaks a policy is reported', { announced: [/Content Security Policy/, /^policy: img-src/] }, async ({ app, page, site }) => {
    site.config.vault = 'shared';
    site.headers = reportedHeaders(site);
    await app.open();
    await app.is('signed-out');
    await page.evaluate(() => { new Image().src = 'http://elsewhere.localhost/'; });
    await brokenTwice(site, 'img-src');
  });

  test('that makes a script from a string is reported', { announced: [/Trusted/, /^policy: require-trusted-types-for/] }, async ({ app, page, site }) => {
    site.config.vault = 'shared';
    site.headers = reportedHeaders(site);
    await app.open();
    await app.is('signed-out');
    assert.equal(await page.evaluate(() => {
      try {
        document.body.innerHTML = '<b>';
        return 'done';
      } catch (error) {
        return error.name;
      }
    }), 'TypeError');
    await brokenTwice(site, 'require-trusted-types-for');
  });

  test('whose vault breaks its own policy is reported', async ({ app, page, site }) => {
    site.config.vault = 'shared';
    site.headers = reportedHeaders(site);
    await app.open();
    await app.is('signed-out');
    const [worker] = await (await workersOf(page)).list();
    const tools = await openWorker(worker);
    await tools.send('Runtime.evaluate', { expression: "fetch('http://elsewhere.example/').catch(() => {})" });
    await brokenTwice(site, 'connect-src');
  });
});

describe('the demo', () => {
  const { test } = stage();

  test('breaks no policy', async ({ demo, page, site }) => {
    site.headers = reportedHeaders(site, { isDemo: true });
    await demo.open();
    await demo.logIn(ada);
    await demo.userInfo.getByText(ada.email).first().waitFor();
    assert.match(await demo.callApi(), /ada@acme\.example/);
    await demo.renew(1);
    await page.reload();
    await demo.isSignedIn(ada);
    await demo['Log out'].click();
    await demo.isSignedOut();
    assert.deepEqual(site.pageErrors, []);
  });

  test('that breaks a policy is reported', { announced: [/Content Security Policy/, /^policy: img-src/] }, async ({ demo, page, site }) => {
    site.headers = reportedHeaders(site, { isDemo: true });
    await demo.open();
    await demo.isSignedOut();
    await page.evaluate(() => { new Image().src = 'http://elsewhere.localhost/'; });
    await brokenTwice(site, 'img-src');
  });
});
