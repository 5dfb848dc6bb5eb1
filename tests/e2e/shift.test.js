// Nothing moves by itself: not when the page comes to life, not when somebody comes back from a login, not with a renewal.
import assert from 'node:assert/strict';
import { eventually } from './support/eventually.js';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';

const { test } = stage();

/** Collects what the browser says has moved in pages of the app without anybody having done anything. */
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

/** Two frames: what moves is told with the second one. */
const settled = (page) => page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));

const SIZES = [[320, 640], [390, 844], [768, 1024], [1280, 800], [1920, 1080]];

for (const [vault, [width, height]] of [...SIZES.map((size) => ['page', size]), ['shared', SIZES[1]], ['shared', SIZES[3]]]) {
  const context = { viewport: { width, height } };
  test(`nothing moves by itself at ${width} pixels, with the session in its home: ${vault}`, { context }, async (world) => {
    const { control, demo, page, site, witness } = world;
    site.config.vault = vault;
    control.patchSettings({ accessTokenTtl: 8 });
    const found = await shifts(world.context, site);
    await demo.open();
    await demo.isSignedOut();
    await settled(page);
    await demo.logIn(ada);
    await demo.userInfo.getByText(ada.email).first().waitFor();
    await settled(page);
    // A renewal that nobody asked for. On a slow machine the next one may be over as well.
    await demo.session.getByText(/^(Once|\d+ times)$/).waitFor();
    await settled(page);
    assert.ok(witness.tokenRequests('refresh_token').length >= 1);
    await page.reload();
    await demo.isSignedIn(ada);
    await settled(page);
    assert.deepEqual(found, []);
  });
}

test('what moves is noticed', async ({ context, demo, page, site }) => {
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
  await eventually('what has moved is told', () => found.length > 0);
});
