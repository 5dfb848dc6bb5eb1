/** The page's client for apps in Rust: `src/client/client.js` is bundled from this module. */
import type * as checks from "../checks.js";
import type { Report } from "../diagnose.js";
import type { Serve } from "../serve.js";
import type { ClientOptions } from "./client.js";
import { prepare } from "./location.js";

export { Handle } from "./handle.js";

/** A script that an app loads only when it is needed. */
const load = async (url: string): Promise<unknown> => import(/* @vite-ignore */ /* webpackIgnore: true */ url);

/** The URL of a file that wasm-bindgen puts beside this module. */
export const beside = (file: string): string => new URL(file, import.meta.url).href;

/** Starts vaults in the page, with the worker's script at this URL. */
export const serveFrom = (url: string) => async (name: string): Promise<(port: MessagePort) => void> => ((await load(url)) as { serve: Serve }).serve(name);

/** Checks a set-up, with the checks at this URL. */
export async function diagnose(options: ClientOptions, url: string): Promise<Report> {
  const { run } = (await load(url)) as Pick<typeof checks, "run">;
  return run(() => options, prepare);
}
