import type { VaultHome } from "./types.js";

/** A place where a vault runs, or can be started. */
export interface Home {
  readonly kind: VaultHome;
  /** Opens a port to the vault. `failed` is called when the browser cannot load it. */
  dial(failed: () => void): MessagePort;
  /** Ends what this tab alone has started. */
  end(): void;
}

/** What the worker's file offers to the page, where the page itself is the home. */
interface VaultFile {
  serve(name: string): (port: MessagePort) => void;
}

interface Policy {
  createScriptURL(url: string): string;
}

let policy: Policy | undefined;

/** The address of a script, as a page wants it that requires Trusted Types. */
function trusted(url: string): string {
  const types = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }).trustedTypes;
  policy ??= types?.createPolicy("wristband-spa-auth", { createScriptURL: (address) => address });
  return policy?.createScriptURL(url) ?? url;
}

/** Opens a channel, and hands its other end over. */
function channel(handOver: (port: MessagePort) => void): MessagePort {
  const { port1, port2 } = new MessageChannel();
  handOver(port2);
  return port1;
}

/**
 * Prepares a home, or throws where the browser does not have it. `name` is the whole configuration: a vault can be asked for under no other
 * settings than those that it was started with.
 */
export async function prepare(kind: VaultHome, url: string, name: string): Promise<Home> {
  if (kind === "shared") {
    // Without locks nobody would notice that the last tab is gone.
    if (!navigator.locks) throw kind;
    const dial = (failed: () => void): MessagePort => {
      const options = { name, type: "module", extendedLifetime: true } as const;
      const worker = new SharedWorker(trusted(url), options);
      worker.onerror = failed;
      return worker.port;
    };
    return { kind, dial, end() {} };
  }
  if (kind === "worker") {
    const worker = new Worker(trusted(url), { name, type: "module" });
    const dial = (failed: () => void): MessagePort => {
      worker.onerror = failed;
      return channel((port) => worker.postMessage(0, [port]));
    };
    return { kind, dial, end: () => worker.terminate() };
  }
  const { serve } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ url)) as VaultFile;
  return { kind, dial: () => channel(serve(name)), end() {} };
}
