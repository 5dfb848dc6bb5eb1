// The axe rules, on every page and in every state, in both themes.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { stage } from './support/harness.js';
import { ada } from './support/people.js';

const { test } = stage();
const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The violations that axe finds, one string for each element. */
async function violations(page) {
  // Evaluated with the developer tools, to which the page's policy does not apply.
  await page.evaluate(source);
  return page.evaluate(async () => {
    const { violations: found } = await window.axe.run(document, { preload: false });
    return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 120)} ${failureSummary}`));
  });
}

const STATES = {
  'signed out': (demo) => demo.isSignedOut(),
  'after a login that failed': async (demo) => {
    await demo.open('callback?error=access_denied&state=forged');
    await demo.alerts('state_unknown');
  },
  'signed in': async (demo) => {
    await demo.logIn(ada);
    await demo.userInfo.getByText(ada.email).first().waitFor();
  },
  'signed in, with a vault': async (demo, site) => {
    site.config.vault = 'shared';
    await demo.open();
    await demo.logIn(ada);
    await demo.drawing.getByText('Vault, in a SharedWorker').waitFor();
  },
  'after attempts to break it': async (demo) => {
    await demo.logIn(ada);
    await demo.callApi();
    await demo['Read the tokens'].click();
    await demo.outcome('A script that looks for tokens', /shape of a token|Nothing was found/);
    await demo['Expire now'].click();
    await demo.hasRenewed(1);
    await demo['Go offline'].click();
    await demo['Back online'].waitFor();
    await demo['Renew now'].click();
    await demo.hasRenewed(2);
  },
  'with what is stored where': async (demo) => {
    await demo.open('about');
    await demo.page.getByRole('heading', { name: 'What is checked' }).waitFor();
  },
  'with the set-up checked': async (demo, site) => {
    site.clockShift = 600;
    await demo.open('check');
    await demo.page.getByRole('button', { name: 'Check', exact: true }).click();
    await demo.page.getByText('Failed', { exact: true }).waitFor();
  },
  'without settings': async (demo, site) => {
    site.spoil('config.json', { body: '[]' });
    await demo.open();
    await demo.alerts('config_invalid');
  },
};

/** What servers refuse that are checked. */
const ANNOUNCED = { 'with the set-up checked': [/status of 40[04]/] };

for (const colorScheme of ['light', 'dark']) {
  for (const [state, lead] of Object.entries(STATES)) {
    // During a colour transition there is no meaningful contrast.
    const context = { colorScheme, reducedMotion: 'reduce' };
    test(`axe finds nothing ${state}, on a ${colorScheme} page`, { announced: ANNOUNCED[state], context }, async ({ demo, page, site }) => {
      await demo.open();
      await demo.isSignedOut();
      await lead(demo, site);
      assert.deepEqual(await violations(page), []);
    });
  }
}

test('axe finds what is wrong', async ({ demo, page }) => {
  await demo.open();
  await demo.isSignedOut();
  await page.evaluate(() => {
    const button = document.createElement('button');
    document.querySelector('main').append(button);
  });
  assert.match((await violations(page)).join('\n'), /^button-name: /m);
});
