import { expect, test } from "wristband-local-provider/playwright";

test.beforeEach(async ({ page, provider }) => {
  // Each worker has a provider of its own, so the test gives the app its settings.
  await page.route("/config.json", (route) => route.fulfill({ json: provider.appSettings }));
  await page.goto("/");
  await page.getByRole("button", { name: "Log in" }).click();
});

test("a user signs in, and calls the API", async ({ page, provider }) => {
  await provider.signIn(page, "grace@acme.example");
  await expect(page.getByRole("status")).toHaveText("Signed in to acme");
  await page.getByRole("button", { name: "Call the API" }).click();
  await expect(page.locator("#answer")).toHaveText("grace@acme.example");
});

test("a token that has expired, and keys that have changed, go unnoticed", async ({ page, provider }) => {
  await provider.signIn(page);
  await expect(page.getByRole("status")).toHaveText("Signed in to acme");
  await provider.rotateKeys({ dropOld: true });
  await provider.expireAccessTokens();
  await page.getByRole("button", { name: "Call the API" }).click();
  await expect(page.locator("#answer")).toHaveText("ada@acme.example");
  const answers = (await provider.log()).filter(({ endpoint, method }) => endpoint === "api" && method === "GET");
  expect(answers.map(({ status }) => status)).toEqual([401, 200]);
});

test("a session that the provider ends is over", async ({ page, provider }) => {
  await provider.signIn(page);
  await expect(page.getByRole("status")).toHaveText("Signed in to acme");
  await provider.revokeRefreshTokens();
  await provider.expireAccessTokens();
  await page.getByRole("button", { name: "Call the API" }).click();
  await expect(page.locator("#answer")).toHaveText("Status 401");
  await expect(page.getByRole("status")).toHaveText("Signed out");
});

test("an API that fails is shown", async ({ page, provider }) => {
  await provider.signIn(page);
  await expect(page.getByRole("status")).toHaveText("Signed in to acme");
  await provider.addFault({ endpoint: "api", status: 503 });
  await page.getByRole("button", { name: "Call the API" }).click();
  await expect(page.locator("#answer")).toHaveText("Status 503");
});
