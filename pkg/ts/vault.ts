/** The worker's file: loads the vault, and serves it to whoever connects. In a page that has no workers it is imported instead. */
import { VERSION } from "./version.js";
import init, { Vault } from "./bindings.js";

/** The vaults of this thread, by name. In a worker there is one. */
const vaults = new Map<string, Promise<Vault>>();

function start(name: string, ended: () => void): Promise<Vault> {
  const [, wasmUrl, options] = JSON.parse(name) as [string, string, object];
  const forget = (): void => {
    vaults.delete(name);
    ended();
  };
  return init({ module_or_path: wasmUrl }).then(() => new Vault(options, forget));
}

/** Answers a function that serves whoever is at the other end of a port. The name is the whole configuration. */
export function serve(name: string, ended: () => void = () => {}): (port: MessagePort) => void {
  return async (port) => {
    port.postMessage({ tell: "here", version: VERSION });
    const vault = vaults.get(name) ?? start(name, ended);
    vaults.set(name, vault);
    try {
      (await vault).connect(port);
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
if (scope.SharedWorkerGlobalScope) {
  connected = serve(scope.name, () => scope.close());
  scope.onconnect = connect;
} else if (scope.DedicatedWorkerGlobalScope) {
  connected = serve(scope.name);
  scope.onmessage = connect;
}
