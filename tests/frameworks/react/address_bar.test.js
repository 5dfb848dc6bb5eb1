// A router that puts the URL of the callback back, as vue-router does after something that it waits for.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { build } from 'vite';
import { ada } from '../../e2e/support/people.js';
import { files, visit } from '../../packaging/support/stage.js';
import { isClean } from '../support/life.js';
import { APPS } from './support/apps.js';

/** How a router may write the code: as the provider did, or with a character encoded that need not be. */
const WRITTEN = {
  'as it was': (href) => href,
  'in another order, with more': (href) => `${href.split('?')[0]}?${href.split('?')[1].split('&').reverse().join('&')}&lang=en`,
  'in a fragment': (href) => `/account#${href.split('?')[1]}`,
  'as a parameter of another page': (href) => `/?next=${encodeURIComponent(href)}`,
  'with another encoding': (href) => href.replace(/code=(.)/, (_, first) => `code=%${first.charCodeAt(0).toString(16)}`),
};

for (const name of ['React Router', 'React Router, without `navigate`']) {
  const root = await APPS[name]('address');
  await build({ root, logLevel: 'warn' });
  for (const [how, write] of Object.entries(WRITTEN)) {
    describe(`${name}, and a callback that is put back ${how}`, () => {
      test('law 4: it does not stay', () => visit({ start: files(path.join(root, 'dist')), settings: { defaultTenantName: ada.tenant } }, async ({ app, page, site }) => {
        await page.addInitScript(`(${putBack})(${write})`);
        await page.goto(site.url('account?tab=api'), { waitUntil: 'commit' });
        await app.provider.signIn(ada);
        await app.says(/^Signed in to acme$/);
        assert.equal(await page.evaluate(() => window.wasPutBack), true);
        await app.userInfo.getByText(ada.email).waitFor();
        await app.isAt('/account?tab=api');
        await isClean(page, site);
      }));
    });
  }
}

/** Puts the URL of a callback back as soon as the page to which the login returns has replaced it. */
function putBack(write) {
  const written = write(location.href);
  if (!/[?&]code=/.test(location.href)) return;
  navigation.addEventListener('currententrychange', () => {
    if (window.wasPutBack || location.pathname !== '/account') return;
    window.wasPutBack = true;
    setTimeout(() => history.replaceState(history.state, '', written));
  });
}
