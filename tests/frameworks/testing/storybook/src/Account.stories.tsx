import type { Meta, StoryObj } from "@storybook/react";
import { failed, signedIn, signedOut } from "wristband-spa-auth/testing";
import { Account } from "./Account";
import { withAuth } from "./preview";

const meta = { component: Account, decorators: [withAuth] } satisfies Meta<typeof Account>;
export default meta;
type Story = StoryObj<typeof meta>;

export const SignedIn: Story = { parameters: { auth: { state: signedIn({ userId: "ada" }) } } };
export const Expired: Story = { parameters: { auth: { state: signedOut("expired") } } };
export const Declined: Story = { parameters: { auth: { state: failed("access_denied") } } };
