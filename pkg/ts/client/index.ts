/** The page's client for apps in Rust: `src/client/client.js` is bundled from this module. */
import type * as checks from "../checks.js";
import type { Report } from "../diagnose.js";
import type { ClientOptions } from "./client.js";
import { prepare } from "./location.js";

export { Handle } from "./handle.js";

/** Checks a set-up, with the checks at this URL, which an app loads only for this. */
export async function diagnose(options: ClientOptions, url: string): Promise<Report> {
  const { run } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ url)) as typeof checks;
  return run(() => options, prepare);
}
