import { defineConfig } from "@playwright/test";
import type { ProviderWorkerFixtures } from "wristband-local-provider/playwright";

const origin = `http://localhost:${process.env.PORT ?? 5173}`;

export default defineConfig<object, ProviderWorkerFixtures>({
  testDir: "tests",
  outputDir: "test-results",
  workers: 2,
  fullyParallel: true,
  use: {
    baseURL: origin,
    providerOptions: { appOrigins: [origin] },
    launchOptions: { executablePath: process.env.CHROMIUM },
  },
  webServer: { command: `vite --port ${new URL(origin).port} --strictPort`, url: origin },
});
