// Nothing on the page moves without user input: not on hydration, not after a login, not at a renewal.
import assert from 'node:assert/strict';
import { eventually } from './support/eventually.js';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';

const { test } = stage();

/** Collects the layout shifts without user input in pages of the app, as the browser reports them. */
async function shifts(context, site) {
  const found = [];
  await context.exposeBinding('reportShift', ({ page }, shift) => {
    if (page.url().startsWith(site.origin)) found.push(shift);
  });
  await context.addInitScript(() => {
    new PerformanceObserver((list) => {
      for (const { hadRecentInput, sources, value } of list.getEntries()) {
        const moved = sources.map(({ node }) => (node?.outerHTML ?? node?.data ?? 'gone').slice(0, 80));
        if (!hadRecentInput) window.reportShift({ value, moved });
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  return found;
}

/** Two frames: a shift is reported with the second one. */
const settled = (page) => page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));

const SIZES = [[320, 640], [390, 844], [768, 1024], [1280, 800], [1920, 1080]];

for (const [vault, [width, height]] of [...SIZES.map((size) => ['page', size]), ['shared', SIZES[1]], ['shared', SIZES[3]]]) {
  const context = { viewport: { width, height } };
  test(`nothing moves without user input at ${width} pixels, vault location: ${vault}`, { context }, async (world) => {
    const { control, demo, page, site, providerLog } = world;
    site.config.vault = vault;
    control.patchSettings({ accessTokenTtl: 8 });
    const found = await shifts(world.context, site);
    await demo.open();
    await demo.isSignedOut();
    await settled(page);
    await demo.logIn(ada);
    // On a phone it is folded away.
    await demo.userInfo.getByText(ada.email).first().waitFor({ state: 'attached' });
    await settled(page);
    // An automatic renewal. On a slow machine the next one may be over as well.
    await demo.session.getByText(/^(Once|\d+ times)$/).waitFor({ state: 'attached' });
    await settled(page);
    assert.ok(providerLog.tokenRequests('refresh_token').length >= 1);
    await page.reload();
    await demo.isSignedIn(ada);
    await settled(page);
    assert.deepEqual(found, []);
  });
}

test('a layout shift is noticed', async ({ context, demo, page, site }) => {
  const found = await shifts(context, site);
  await demo.open();
  await demo.isSignedOut();
  // What has not been painted cannot move.
  await settled(page);
  await page.evaluate(() => {
    const strange = document.createElement('div');
    strange.className = 'answer';
    document.querySelector('main').prepend(strange);
  });
  await eventually('the shift is reported', () => found.length > 0);
});
