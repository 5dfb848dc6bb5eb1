// Each provider that has a page in the docs: the settings of that page, word for word, at a local provider that behaves like it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { sendsIssuer } from '../../demo/provider/src/profiles.js';
import { stage } from './support/harness.js';
import { live } from './support/life.js';
import { ada } from './support/people.js';
import { checkRow } from './support/provider_table.js';
import { settingsOf } from './support/provider_pages.js';

const { test } = stage({ app: 'pkg', plain: true });

const PROFILES = JSON.parse(await readFile(new URL('../../demo/provider/src/profiles.json', import.meta.url), 'utf8'));

for (const [name, { title }] of Object.entries(PROFILES)) {
  test(`the settings for ${title} work with what is known of it`, { within: 120_000, announced: [/./] }, async (world) => {
    const { control, page, provider, site } = world;
    control.patchSettings({ profile: name });
    const { audiences, login, settings } = await settingsOf(name, { provider, site });
    control.patchSettings({ apiAudiences: audiences });
    site.config = { ...settings, allowInsecureLoopback: true, apiUrl: `${provider.api}me`, postLogoutUrl: site.url(), redirectUri: site.url('callback'), vault: 'shared' };
    site.callbackIss = sendsIssuer({ profile: name }) ? provider.issuer : undefined;
    const form = {
      isLoginForm: (where) => where.getByRole('textbox', { name: 'Password', exact: true }).waitFor({ timeout: 5_000 }).then(() => true, () => false),
      async signIn(where) {
        await where.getByRole('textbox', { name: 'Email', exact: true }).fill(ada.email);
        await where.getByRole('textbox', { name: 'Password', exact: true }).fill(ada.password);
        await where.getByRole('button', { name: 'Sign in', exact: true }).click();
      },
    };
    const seen = await live({ ...world, login, page, provider: form });
    await checkRow('profiles', title, seen);
    assert.equal(seen.login, 'works');
  });
}
