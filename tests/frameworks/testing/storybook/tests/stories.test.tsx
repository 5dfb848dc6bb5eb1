import { composeStories } from "@storybook/react";
import { expect, test } from "vitest";
import * as stories from "../src/Account.stories";

const words = { SignedIn: "Signed in as ada", Expired: "Your session has ended.", Declined: "access_denied" };

for (const [name, Story] of Object.entries(composeStories(stories))) {
  test(`the story ${name}`, async () => {
    await Story.run();
    expect(document.body.textContent).toContain(words[name as keyof typeof words]);
  });
}
