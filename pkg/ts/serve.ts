/** Starts the vault, and serves every page that connects. */
import { VERSION } from "./version.js";
import { initSync, start as startVault } from "./bindings.js";

/** Loads the vault's module. Its URL comes from the page, where any script may have chosen it. */
export type Load = (url: string) => Promise<WebAssembly.Module>;

/** Returns a function that serves the page at the other end of a port. The name is the whole configuration. */
export type Serve = (name: string, ended?: () => void) => Connect;

type Connect = (port: MessagePort) => void;

/** The vaults of this thread, by name. A worker has one. */
const vaults = new Map<string, Promise<Connect>>();

async function start(load: Load, name: string, ended: () => void): Promise<Connect> {
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
  initSync({ module: await load(wasmUrl) });
  return startVault(name, options, forget) as Connect;
}

interface Scope {
  SharedWorkerGlobalScope?: unknown;
  DedicatedWorkerGlobalScope?: unknown;
  name: string;
  close(): void;
  onconnect(event: MessageEvent): void;
  onmessage(event: MessageEvent): void;
}

/** Makes a script with this module a vault's: a worker serves every page that connects, and a page without workers imports what is returned. */
export function serveWith(load: Load): Serve {
  const serve: Serve = (name, ended = () => {}) => {
    const vault = (): Promise<Connect> => {
      const started = vaults.get(name) ?? start(load, name, ended);
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
  };

  const scope = globalThis as unknown as Scope;
  if (scope.SharedWorkerGlobalScope || scope.DedicatedWorkerGlobalScope) {
    const connected = serve(scope.name, () => scope.close());
    const connect = ({ ports: [port] }: MessageEvent): void => {
      if (port) connected(port);
    };
    if (scope.SharedWorkerGlobalScope) scope.onconnect = connect;
    else scope.onmessage = connect;
  }
  return serve;
}
