import type { Decorator } from "@storybook/react";
import { createFakeAuth, type FakeAuthOptions } from "wristband-spa-auth/testing";
import { AuthContext } from "./session";

/** Gives each story the session that its parameter `auth` describes. Belongs into `.storybook/preview.tsx`. */
export const withAuth: Decorator = (Story, { parameters }) => (
  <AuthContext value={createFakeAuth(parameters.auth as FakeAuthOptions)}>
    <Story />
  </AuthContext>
);
