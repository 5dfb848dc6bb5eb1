/** The worker's script: loads the vault, and serves every page that connects. A page without workers imports it instead. */
import { VERSION } from "./version.js";
import { initSync, start as startVault } from "./bindings.js";

/** The vaults of this thread, by name. A worker has one. */
const vaults = new Map<string, Promise<Connect>>();

type Connect = (port: MessagePort) => void;

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

/**
 * Loads the module. Its URL comes from the page, where any script may have chosen it. The browser therefore refuses every file but the module
 * that this script was built with.
 */
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

async function start(name: string, ended: () => void): Promise<Connect> {
  // A module that trapped no longer answers. When the worker has ended, the tabs notice that their vault is gone.
  addEventListener("error", ({ error }) => {
    if (error instanceof WebAssembly.RuntimeError) ended();
  });
  const [version, wasmUrl, options] = JSON.parse(name) as [string, string, object];
  // The page refuses a vault of another version, but has already asked it to open the session by then.
  if (version !== VERSION) throw new Error(`the page has version ${version}`);
  const forget = (): void => {
    vaults.delete(name);
    ended();
  };
  initSync({ module: await compile(await load(wasmUrl)) });
  return startVault(name, options, forget) as Connect;
}

/** Returns a function that serves the page at the other end of a port. The name is the whole configuration. */
export function serve(name: string, ended: () => void = () => {}): (port: MessagePort) => void {
  const vault = (): Promise<Connect> => {
    const started = vaults.get(name) ?? start(name, ended);
    vaults.set(name, started);
    return started;
  };
  // The page that loads this file is about to connect, so the vault is started now. A page that connects is sent the error.
  vault().catch(() => {});
  return async (port) => {
    const tell = (message: object): void => {
      try {
        port.postMessage(message);
      } catch {
        // The page receives nothing, and connects again.
      }
    };
    tell({ event: "ready", version: VERSION });
    try {
      (await vault())(port);
    } catch (error) {
      vaults.delete(name);
      // The library's own errors have a code. Any other error is the browser's, and another location may work.
      const { code, transient } = error as { code?: unknown; transient?: boolean };
      tell({ event: "failed", ...(typeof code === "string" ? { error } : { reason: String(error), transient }) });
      ended();
    }
  };
}

interface Scope {
  SharedWorkerGlobalScope?: unknown;
  DedicatedWorkerGlobalScope?: unknown;
  name: string;
  close(): void;
  onconnect(event: MessageEvent): void;
  onmessage(event: MessageEvent): void;
}

const scope = globalThis as unknown as Scope;
const connect = ({ ports: [port] }: MessageEvent): void => {
  if (port) connected(port);
};
let connected: (port: MessagePort) => void;
if (scope.SharedWorkerGlobalScope || scope.DedicatedWorkerGlobalScope) {
  connected = serve(scope.name, () => scope.close());
  if (scope.SharedWorkerGlobalScope) scope.onconnect = connect;
  else scope.onmessage = connect;
}
