import { render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { App } from "../src/App";

// The module that would start the real session. `createFakeAuth` is imported here, since this runs before the imports above.
vi.mock("../src/auth", async () => {
  const { createFakeAuth } = await import("wristband-spa-auth/testing");
  return { auth: createFakeAuth({ state: { status: "signed-in", userId: "ada" } }) };
});

test("the app has the fake session", () => {
  render(<App />);
  expect(screen.getByText("Signed in as ada")).toBeTruthy();
});
