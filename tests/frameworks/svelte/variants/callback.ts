import { redirect } from "@sveltejs/kit";
import type { PageLoad } from "./$types";

export const load: PageLoad = async ({ parent }) => {
  const { auth } = (await parent()).auth;
  await auth.ready;
  redirect(303, auth.lastSignIn?.returnTo ?? "/");
};
