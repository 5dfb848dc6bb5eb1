import { expect, test } from "wristband-local-provider/playwright";

test.beforeEach(async ({ page, provider }) => {
  await page.route("/config.json", (route) => route.fulfill({ json: provider.appSettings }));
  await page.goto("/");
});

test("a sign-in that the provider refuses is shown", async ({ page, provider }) => {
  await provider.failSignIn("access_denied");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("status")).toHaveText("Failed: access_denied");
});

test("a wrong password is an error of the test", async ({ page, provider }) => {
  await page.getByRole("button", { name: "Log in" }).click();
  const wrong = provider.signIn(page, { email: "ada@acme.example", password: "wrong" });
  await expect(wrong).rejects.toThrow("The provider did not sign in ada@acme.example: The email address or the password is wrong.");
  await expect(provider.signIn(page, "eve@evil.example")).rejects.toThrow("There is no user eve@evil.example");
});

for (const time of ["first", "second"]) {
  test(`the provider is as new: ${time} time`, async ({ provider }) => {
    expect((await provider.settings()).accessTokenTtl).toBe(1800);
    expect(await provider.log()).toEqual([]);
    await provider.patchSettings({ accessTokenTtl: 5 });
    await provider.failSignIn("server_error");
  });
}
