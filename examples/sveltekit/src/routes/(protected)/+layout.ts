import { requireAuth } from "wristband-spa-auth/svelte";
import type { LayoutLoad } from "./$types";

export const load: LayoutLoad = async ({ parent, url }) => {
  const { auth } = await parent();
  await requireAuth(auth, url);
};
