import type { AuthOptions } from "wristband-spa-auth";

type Settings = AuthOptions & { apiUrl: string };

/** One build serves every environment: its settings are in a file next to the page. */
export const { apiUrl, ...options }: Settings = await (await fetch("/config.json")).json();
