import type { VaultKind } from "../types.js";

/** Where a vault runs, or can be started. */
export interface VaultLocation {
  readonly kind: VaultKind;
  /** Whether the vault keeps running after its last page was left. */
  readonly outlivesPages?: boolean;
  /** Opens a port to the vault. `failed` is called if the browser could not run the worker's script. */
  openPort(failed: () => void): MessagePort;
  /** Ends the vault if it belongs to this tab only. */
  end(): void;
}

/**
 * What may make the same location work: waiting, because the network or the server failed; another name, because the worker of this name is not
 * the library's, or is dead; loading the script again, because the cache has an old one.
 */
export type Remedy = "wait" | "rename" | "refresh";

/** Why no vault can run in a location. */
export class Unavailable {
  readonly reason: string;
  readonly remedy: Remedy | undefined;

  constructor(reason: string, remedy?: Remedy | false) {
    this.reason = reason;
    this.remedy = remedy || undefined;
  }
}

/** Starts a vault in this page. The returned function connects a port to it. */
export type ServeInPage = (name: string) => Promise<(port: MessagePort) => void>;

/** The script and the settings of a vault. */
export interface VaultSource {
  /** The URL of the worker's script. */
  readonly url: string;
  /** The whole configuration, as the worker's name: a page reaches only a vault that was started with the same settings. */
  readonly name: string;
  readonly serveInPage: ServeInPage | undefined;
}

interface ScriptPolicy {
  createScriptURL(url: string): string;
}

let policy: ScriptPolicy | undefined;

/** The URL of a script, as a `TrustedScriptURL` if the browser has Trusted Types. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: { createPolicy(name: string, rules: ScriptPolicy): ScriptPolicy } };
  try {
    policy ??= trustedTypes?.createPolicy("wristband-spa-auth", { createScriptURL: (given) => given });
  } catch {
    // The page does not allow this policy. If it also enforces Trusted Types, the browser refuses the string and reports that.
  }
  return policy?.createScriptURL(url) ?? url;
}

/** Opens a channel, and passes on its other end. */
function channel(handOver: (port: MessagePort) => void): MessagePort {
  const { port1, port2 } = new MessageChannel();
  handOver(port2);
  return port1;
}

/** Browsers run a worker's script only from the page's own origin. Some report a violation in a way that the page cannot read. */
function checkOrigin(url: string): void {
  const { origin, protocol } = new URL(url);
  if (origin === location.origin) return;
  throw new Unavailable(
    protocol === "data:"
      ? "a bundler inlined vault.js as a data: URL: exclude it (Vite: build.assetsInlineLimit), or set workerUrl"
      : `vault.js is on another origin, ${origin}: serve it from the app's own origin, and set workerUrl`,
  );
}

/** The name of a worker after this many renames. */
const rename = (name: string, renames: number): string => (renames ? name.replace(/]$/, `,${renames}]`) : name);

/** The number of renames of the vault that other tabs use, found by the Web Lock that it holds. `undefined` if there is none. */
export async function findRenamed(name: string, most: number): Promise<number | undefined> {
  const { held = [] } = await navigator.locks.query();
  for (let renames = 1; renames <= most; renames++) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(rename(name, renames))));
    const base64url = btoa(String.fromCharCode(...digest)).replace(/\+/g, "-").replace(/\//g, "_").replace("=", "");
    if (held.some((lock) => lock.name?.startsWith(`wristband-spa-auth/vault/${base64url}/`))) return renames;
  }
  return undefined;
}

/** Prepares a location, under the name after this many renames. Throws `Unavailable` if it is not supported, or the browser's error. */
export async function prepare(kind: VaultKind, { url, name: settings, serveInPage }: VaultSource, renames: number): Promise<VaultLocation> {
  const name = rename(settings, renames);
  if (kind === "page") {
    if (!serveInPage) throw new Unavailable("the app includes no vault that can run in the page");
    const serve = await serveInPage(name);
    return { kind, openPort: () => channel(serve), end() {} };
  }
  checkOrigin(url);
  if (kind === "worker") {
    const worker = new Worker(trusted(url), { name, type: "module" });
    const openPort = (failed: () => void): MessagePort => {
      worker.onerror = failed;
      return channel((port) => worker.postMessage(0, [port]));
    };
    return { kind, openPort, end: () => worker.terminate() };
  }
  if (typeof SharedWorker === "undefined") throw new Unavailable("the browser has no SharedWorker");
  // Without locks the vault would not notice that its last tab has closed.
  if (!navigator.locks) throw new Unavailable("the browser has no Web Locks");
  let outlivesPages = false;
  const options = {
    name,
    type: "module" as const,
    // Only browsers that support this option read it.
    get extendedLifetime() {
      return (outlivesPages = true);
    },
  };
  const openPort = (failed: () => void): MessagePort => {
    const worker = new SharedWorker(trusted(url), options);
    worker.onerror = failed;
    return worker.port;
  };
  return { kind, openPort, end() {}, get outlivesPages() { return outlivesPages; } };
}

/** Finds out why the browser could not run the worker's script, by fetching it again. */
export async function diagnose(url: string): Promise<Unavailable> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    return new Unavailable(`${url} could not be loaded: ${String(error)}`, "wait");
  }
  void response.body?.cancel();
  const type = response.headers.get("content-type");
  if (response.ok && /javascript/.test(type ?? "")) {
    return new Unavailable(`the browser did not run ${url}: see the console, and the Content-Security-Policy (worker-src)`, "rename");
  }
  // An overloaded or restarting server refuses requests for a while.
  return new Unavailable(`${url} was answered with status ${response.status} and type ${type}`, (response.status >= 500 || response.status === 429) && "wait");
}
