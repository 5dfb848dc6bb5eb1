import { expect, jest, test } from "@jest/globals";
import { render, screen } from "@testing-library/react";

jest.mock("../src/auth", () => {
  const { createFakeAuth } = jest.requireActual<typeof import("wristband-spa-auth/testing")>("wristband-spa-auth/testing");
  return { auth: createFakeAuth({ state: { status: "signed-in", userId: "ada" } }) };
});
// After the mock: not every transformer moves `jest.mock` before the imports if `jest` is imported itself.
const { App } = require("../src/App") as typeof import("../src/App");

test("the app has the fake session", () => {
  render(<App />);
  expect(screen.getByText("Signed in as ada")).toBeTruthy();
});
