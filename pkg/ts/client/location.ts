import type { VaultKind } from "../types.js";

/** Where a vault runs, or can be started. */
export interface VaultLocation {
  readonly kind: VaultKind;
  /** Whether the vault goes on when its pages are gone. */
  readonly outlivesPages?: boolean;
  /** Opens a port to the vault. `failed` is called when the browser could not run the worker's script. */
  openPort(failed: () => void): MessagePort;
  /** Ends what belongs to this tab alone. */
  end(): void;
}

/**
 * What makes the same location work after all: to wait, because the network failed and nothing was refused; another name, because the browser
 * leads to a worker that is none of the library's, or is dead; to load the script past the cache, which has an old one.
 */
export type Remedy = "wait" | "rename" | "refresh";

/** Why a location has no vault, in a sentence. */
export class Unavailable {
  readonly reason: string;
  readonly remedy: Remedy | undefined;

  constructor(reason: string, remedy?: Remedy | false) {
    this.reason = reason;
    this.remedy = remedy || undefined;
  }
}

/** Runs a vault in this page, if the app has what that needs: the same function serves each further port. */
export type ServeInPage = (name: string) => Promise<(port: MessagePort) => void>;

/** What a vault is started from. */
export interface VaultSource {
  /** The URL of the worker's script. */
  readonly url: string;
  /** The whole configuration: a vault can be reached under no other settings than those that it was started with. */
  readonly name: string;
  readonly serveInPage: ServeInPage | undefined;
}

interface ScriptPolicy {
  createScriptURL(url: string): string;
}

let policy: ScriptPolicy | undefined;

/** The URL of a script, in the type that a page with Trusted Types requires. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: { createPolicy(name: string, rules: ScriptPolicy): ScriptPolicy } };
  try {
    policy ??= trustedTypes?.createPolicy("wristband-spa-auth", { createScriptURL: (given) => given });
  } catch {
    // The page allows no such policy. Only if it also enforces Trusted Types does the browser refuse the string, and says so itself.
  }
  return policy?.createScriptURL(url) ?? url;
}

/** Opens a channel and hands over its other end. */
function channel(handOver: (port: MessagePort) => void): MessagePort {
  const { port1, port2 } = new MessageChannel();
  handOver(port2);
  return port1;
}

/** Browsers run a worker's script only from the page's own origin, and some say so in no way that a page could read. */
function checkOrigin(url: string): void {
  const { origin, protocol } = new URL(url);
  if (origin === location.origin) return;
  throw new Unavailable(
    protocol === "data:"
      ? "a bundler inlined vault.js as a data: URL: exclude it (Vite: build.assetsInlineLimit), or set workerUrl"
      : `vault.js is of another origin, ${origin}: serve it from the app's own, and set workerUrl`,
  );
}

/** The name of a worker after so many renames. */
const rename = (name: string, renames: number): string => (renames ? name.replace(/]$/, `,${renames}]`) : name);

/** After how many renames the vault of other tabs lives, which holds a lock that says so. `undefined` if none lives. */
export async function findRenamed(name: string, most: number): Promise<number | undefined> {
  const { held = [] } = await navigator.locks.query();
  for (let renames = 1; renames <= most; renames++) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(rename(name, renames))));
    const base64url = btoa(String.fromCharCode(...digest)).replace(/\+/g, "-").replace(/\//g, "_").replace("=", "");
    if (held.some((lock) => lock.name?.startsWith(`wristband-spa-auth/vault/${base64url}/`))) return renames;
  }
  return undefined;
}

/** Prepares a location; after so many renames, under another name. Throws `Unavailable` where the browser does not have it, or whatever the browser throws. */
export async function prepare(kind: VaultKind, { url, name: settings, serveInPage }: VaultSource, renames: number): Promise<VaultLocation> {
  const name = rename(settings, renames);
  if (kind === "page") {
    if (!serveInPage) throw new Unavailable("the app has no vault for the page");
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
  // Without locks the vault would not notice that its last tab is gone.
  if (!navigator.locks) throw new Unavailable("the browser has no Web Locks");
  let outlivesPages = false;
  const options = {
    name,
    type: "module" as const,
    // Only browsers that know this option read it.
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

/** Finds out why the browser could not run the worker's script, by asking for it once more. */
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
  // A server that is overloaded or restarting refuses everything for a while.
  return new Unavailable(`${url} was answered with status ${response.status} and type ${type}`, (response.status >= 500 || response.status === 429) && "wait");
}
