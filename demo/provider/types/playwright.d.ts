import type { Page, PlaywrightTestArgs, PlaywrightTestOptions, PlaywrightWorkerArgs, PlaywrightWorkerOptions, TestType } from "@playwright/test";
import type { AppSettings, Fault, Landing, LogEntry, ProviderOptions, ProviderSettings, User } from "./index.js";

export { expect } from "@playwright/test";

/** A provider as a test uses it. */
export interface TestProvider {
  /** The settings of the app. Its port is a free one, unless the options name one. */
  readonly appSettings: AppSettings;
  users(): Promise<User[]>;
  /**
   * Waits for the provider's page, signs the user in, and waits until the browser has left the provider.
   *
   * @param user - An e-mail address, or a user with another password. Default: the first user.
   * @throws Error what the page says, if the provider refuses.
   */
  signIn(page: Page, user?: string | Pick<User, "email" | "password">): Promise<void>;
  /** The API and the userinfo endpoint refuse the access tokens issued until now, as if their time were over. */
  expireAccessTokens(): Promise<unknown>;
  /** Every refresh token ends: the next renewal is refused. */
  revokeRefreshTokens(): Promise<unknown>;
  /** Every session at the provider ends: the next login asks for the password. */
  endSessions(): Promise<unknown>;
  /** A new signing key; with `dropOld` the others are withdrawn. */
  rotateKeys(options?: { dropOld?: boolean }): Promise<unknown>;
  addFault(fault: Fault): Promise<unknown>;
  /** The next authorization request comes back with this error, such as `"access_denied"`. */
  failSignIn(error: string, description?: string): Promise<unknown>;
  clearFaults(): Promise<unknown>;
  settings(): Promise<ProviderSettings>;
  patchSettings(patch: ProviderSettings): Promise<ProviderSettings>;
  /** The link of an e-mail, which signs the user in at the provider and ends at a page of the app. */
  landing(email: Landing): Promise<string>;
  /** The requests since the start of the test. */
  log(): Promise<LogEntry[]>;
  clearLog(): Promise<unknown>;
  reset(): Promise<unknown>;
}

export interface ProviderFixtures {
  /** As new at the start of each test. */
  provider: TestProvider;
}

export interface ProviderWorkerFixtures {
  /** The options of `startProvider`, or the `url` of a provider that runs already, such as `http://localhost:4400`. */
  providerOptions: ProviderOptions | { url: string };
  /** The provider of the worker. Tests use `provider`. */
  workerProvider: TestProvider;
}

/** Playwright's `test`, with a provider for each worker. */
export const test: TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & ProviderFixtures,
  PlaywrightWorkerArgs & PlaywrightWorkerOptions & ProviderWorkerFixtures
>;
