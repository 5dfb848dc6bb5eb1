import { afterEach, expect, jest, test } from "@jest/globals";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import type { Auth } from "wristband-spa-auth";
import { authError, createFakeAuth, failed, signedOut } from "wristband-spa-auth/testing";
import { Account } from "../src/Account";
import { AuthContext } from "../src/session";

const show = (auth: Auth) => render(<AuthContext value={auth}><Account /></AuthContext>);
const invoices = "https://api.example/v1/invoices";
afterEach(cleanup);

test("a user who is signed out can log in", () => {
  const auth = createFakeAuth({ state: signedOut("expired") });
  show(auth);
  expect(screen.getByText("Your session has ended.")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Log in" }));
  expect(auth.calls.login).toEqual([[{ tenantName: "acme" }]]);
});

test("the page follows the state", () => {
  const auth = createFakeAuth({ state: { status: "loading" } });
  show(auth);
  act(() => auth.set({ status: "signed-in", userId: "ada" }));
  expect(screen.getByText("Signed in as ada")).toBeTruthy();
  act(() => auth.set(failed("access_denied")));
  expect(screen.getByRole("alert").textContent).toBe("access_denied");
});

test("the page shows what the API answers", async () => {
  const auth = createFakeAuth({ state: { status: "signed-in" }, responses: { [invoices]: [{ id: "inv-1", amount: 12 }] } });
  show(auth);
  fireEvent.click(screen.getByRole("button", { name: "Invoices" }));
  expect(await screen.findByText("inv-1: 12")).toBeTruthy();
  expect(auth.requests[0]?.url).toBe(invoices);
});

test("the page says whether a retry can help", async () => {
  const auth = createFakeAuth({ state: { status: "signed-in" }, responses: { [invoices]: authError("network") } });
  show(auth);
  fireEvent.click(screen.getByRole("button", { name: "Invoices" }));
  expect((await screen.findByRole("alert")).textContent).toBe("Try again later.");
});

test("a spy of Jest can stand before a function", async () => {
  const auth = createFakeAuth();
  const login = jest.spyOn(auth, "login").mockRejectedValueOnce(authError("offline"));
  await expect(auth.login()).rejects.toMatchObject({ code: "offline", retryable: true });
  await auth.login();
  expect(login).toHaveBeenCalledTimes(2);
});
