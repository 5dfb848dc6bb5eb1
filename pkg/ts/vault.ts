/** The worker's script of the npm package. Its module is a file beside it. */
import { serveWith } from "./serve.js";

/** Why the module could not be loaded. `transient` if a retry can help: the network failed, or the server was unavailable. */
class Unavailable extends Error {
  readonly transient: boolean;

  constructor(reason: string, transient: boolean) {
    super(reason);
    this.transient = transient;
  }
}

/** The digest of the module that this script was built with, inserted by `cargo xtask build pkg`. */
declare const WASM_INTEGRITY: string;

/** Loads the module. The browser refuses every file but the one that this script was built with. */
async function load(url: string): Promise<Response> {
  const request = (cache: RequestCache): Promise<Response> => fetch(url, { cache, integrity: WASM_INTEGRITY });
  try {
    // A cache may still contain the module of another version.
    return await request("default").catch(() => request("reload"));
  } catch {
    throw await diagnose(url);
  }
}

/** Finds out why the module could not be loaded, by fetching it without its digest. */
async function diagnose(url: string): Promise<Unavailable> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    return new Unavailable(`${url} could not be loaded: ${String(error)}`, true);
  }
  void response.body?.cancel();
  const { ok, status } = response;
  return ok
    ? new Unavailable(`${url} is not the module that vault.js was built with: serve the two files of one version`, false)
    : new Unavailable(`${url} was answered with status ${status}`, status >= 500 || status === 429);
}

/** Compiles the module. Its digest was checked, so it may have any media type; `compileStreaming` accepts only `application/wasm`. */
async function compile(wasm: Response): Promise<WebAssembly.Module> {
  const streams = wasm.headers.get("content-type") === "application/wasm";
  return streams ? WebAssembly.compileStreaming(wasm) : WebAssembly.compile(await wasm.arrayBuffer());
}

/** Its type is written out, because the package has no declaration of `serve.js`. */
export const serve: (name: string, ended?: () => void) => (port: MessagePort) => void = serveWith(async (url) =>
  compile(await load(url)),
);
