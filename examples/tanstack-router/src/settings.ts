import type { AuthOptions } from "wristband-spa-auth";

/** One build serves every environment: its settings are in a file next to the page. */
const settings: AuthOptions & { apiUrl: string } = await (await fetch("/config.json")).json();

export const { apiUrl, ...options } = settings;
