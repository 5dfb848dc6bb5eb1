// Sets up one app: a host, a provider, and a visitor in Chromium.
import assert from 'node:assert/strict';
import { startProvider } from '../../../demo/provider/src/provider.js';
import { browser } from '../../e2e/support/browser.js';
import { configOf } from '../../e2e/support/config.js';
import { Demo } from '../../e2e/support/demo.js';
import { startSite } from '../../e2e/support/site.js';
import { watch } from '../../e2e/support/watch.js';
import { ProviderLog } from '../../e2e/support/provider_log.js';
import { policyOf } from './policies.js';

/** How long a test waits for what should happen at once. Machines can be busy. */
const PATIENCE = 15_000;

/**
 * Visits the app. `start` starts its host; `settings` are added to the app's own; `policy` is what its framework needs
 * in addition to the strictest policy; `guarded` says that the app logs in by itself. The body receives everything that a test may use.
 */
export async function visit({ start, settings, policy, guarded = false, announced = [] }, body) {
  const site = await start();
  const provider = await startProvider({
    appOrigins: [site.origin], redirectUris: [site.url('callback')], loginUrl: site.url('login'), logoutUrls: [site.url()],
  });
  site.config = { ...configOf({ provider, site, plain: false }), ...settings };
  site.headers = (name) => ({ 'Content-Security-Policy': policyOf(name, provider, policy) });
  const context = await (await browser()).newContext();
  try {
    context.setDefaultTimeout(PATIENCE);
    const watched = await watch(context);
    const page = await context.newPage();
    const providerLog = new ProviderLog(provider, { plain: false });
    await body({ app: new Demo(page, site), control: provider.control, guarded, page, provider, site, watched, providerLog });
    assert.deepEqual(watched.unexpected(announced), [], 'The browser logged errors.');
  } finally {
    await context.close();
    await Promise.all([provider.close(), site.close()]);
  }
}

/** A host for the files of a folder. */
export const files = (folder) => () => startSite({ folders: [folder], host: 'localhost', base: '/' });
