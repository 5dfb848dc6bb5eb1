import { goto } from "$app/navigation";
import type { AuthOptions } from "wristband-spa-auth";
import { createAuthStore } from "wristband-spa-auth/svelte";
import type { LayoutLoad } from "./$types";

// The session lives in the browser.
export const ssr = false;

type Settings = AuthOptions & { apiUrl: string };

export const load: LayoutLoad = async ({ fetch }) => {
  // One build serves every environment: its settings are in a file next to the page.
  const { apiUrl, ...options }: Settings = await (await fetch("/config.json")).json();
  // The router shows the page to which a sign-in returns.
  const navigate = (path: string) => void goto(path, { replaceState: true });
  return { apiUrl, auth: createAuthStore({ ...options, navigate }) };
};
