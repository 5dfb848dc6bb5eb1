/** The worker's file: loads the vault, and serves it to whoever connects. In a page that has no workers it is imported instead. */
import { VERSION } from "./version.js";
import { initSync, start as startVault } from "./bindings.js";

/** The vaults of this thread, by name. In a worker there is one. */
const vaults = new Map<string, Promise<Connect>>();

type Connect = (port: MessagePort) => void;

async function start(name: string, ended: () => void): Promise<Connect> {
  // A module that trapped does nothing any more. Without it the tabs notice that their vault is gone.
  addEventListener("error", ({ error }) => {
    if (error instanceof WebAssembly.RuntimeError) ended();
  });
  const [, wasmUrl, options] = JSON.parse(name) as [string, string, object];
  const forget = (): void => {
    vaults.delete(name);
    ended();
  };
  // Compiled when all of it is there: it is small, and not every server sends wasm with the type that streaming asks for.
  const wasm = await fetch(wasmUrl).then((response) => response.arrayBuffer());
  initSync({ module: await WebAssembly.compile(wasm) });
  return startVault(options, forget) as Connect;
}

/** Answers a function that serves whoever is at the other end of a port. The name is the whole configuration. */
export function serve(name: string, ended: () => void = () => {}): (port: MessagePort) => void {
  return async (port) => {
    port.postMessage({ tell: "here", version: VERSION });
    const vault = vaults.get(name) ?? start(name, ended);
    vaults.set(name, vault);
    try {
      (await vault)(port);
    } catch (error) {
      vaults.delete(name);
      // The library's own errors have a code. Anything else is the browser's, and another home may do better.
      const known = error as { code?: string } | undefined;
      port.postMessage({ tell: "failed", error: known?.code ? error : undefined });
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
