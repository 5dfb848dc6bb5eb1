import { expect, jest, test } from "@jest/globals";
import { render, screen } from "@testing-library/react";
import { createFakeAuth } from "wristband-spa-auth/testing";

// Modules that import this one are imported afterwards.
jest.unstable_mockModule("../src/auth", () => ({ auth: createFakeAuth({ state: { status: "signed-in", userId: "ada" } }) }));
const { App } = await import("../src/App");

test("the app has the fake session", () => {
  render(<App />);
  expect(screen.getByText("Signed in as ada")).toBeTruthy();
});
