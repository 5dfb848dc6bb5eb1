/**
 * The worker's script for apps in Rust: the whole vault in one file, which wasm-bindgen puts beside the page's client. `diagnose` finds its checks
 * here as well.
 */
import compressed from "vault.wasm.gz";
import { serveWith } from "./serve.js";

export { run } from "./diagnose/run.js";

/** The module is part of this script, so the URL that the page names is not used. */
async function unpack(): Promise<WebAssembly.Module> {
  const unpacked = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compile(await new Response(unpacked).arrayBuffer());
}

export const serve = serveWith(unpack);
