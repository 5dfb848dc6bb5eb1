// Fixtures for Playwright Test.
import { test as base } from '@playwright/test';
import { startProvider } from './provider.js';
import { connectProvider } from './test-provider.js';

/** `test` with a provider for each worker, which is as new at the start of each test. */
export const test = base.extend({
  providerOptions: [{}, { option: true, scope: 'worker' }],

  workerProvider: [async ({ providerOptions: { url, ...options } }, use) => {
    if (url) {
      await use(await connectProvider(new URL(url).origin));
      return;
    }
    const started = await startProvider(options);
    try {
      await use(await connectProvider(`${started.scheme}://localhost:${started.port}`));
    } finally {
      await started.close();
    }
  }, { scope: 'worker' }],

  provider: [async ({ workerProvider }, use) => {
    await workerProvider.reset();
    await use(workerProvider);
  }, { auto: true }],
});

export { expect } from '@playwright/test';
