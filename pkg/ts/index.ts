/**
 * Sign-in for single-page apps on Wristband. The tokens live in a worker that the page cannot read, are never written to disk, and still
 * survive a reload.
 *
 * @packageDocumentation
 */
import { Handle } from "./client/handle.js";
import { own } from "./client/own.js";
import { failure } from "./failure.js";
import { plain } from "./plain.js";
import { checkSettings } from "./settings.js";
import type { Auth, AuthOptions, UserInfo, VaultKind } from "./types.js";
import { VERSION } from "./version.js";

export { AuthError } from "./errors.js";
export type { AuthErrorCode, Blame, OAuthError } from "./errors.js";
export type * from "./types.js";

/** Every location of a vault, the best first. */
const KINDS: readonly VaultKind[] = ["shared", "worker", "page"];

/** What `vault.js` offers to a page that imports it. */
interface VaultScript {
  serve(name: string): (port: MessagePort) => void;
}

/** The whole configuration as a string: the same for the same settings, in whatever order they are written. */
function nameOf(wasmUrl: string, settings: object): string {
  return JSON.stringify([VERSION, wasmUrl, Object.fromEntries(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)))]);
}

/** The locations that the app allows. */
function candidatesOf(vault: unknown, minimumVault: unknown): VaultKind[] {
  const least = KINDS.indexOf(minimumVault as VaultKind);
  const allowed = KINDS.filter((kind, index) => (vault === "auto" || vault === kind) && index <= least);
  if (!allowed.length) throw failure("config_invalid", `vault: ${String(vault)}, with minimumVault: ${String(minimumVault)}, allows no location`);
  return allowed;
}

/**
 * Starts, and returns at once with the state `loading`, so that an app can render. `ready` of the answer is fulfilled when it is known whether
 * the user is signed in. Otherwise like {@link createAuth}.
 *
 * @typeParam CustomClaims - What `custom_claims` of the user info holds.
 * @throws AuthError `config_invalid`, `insecure_context`.
 */
export function openAuth<CustomClaims extends object = Record<string, unknown>>(options: AuthOptions): Auth<CustomClaims> {
  if (typeof document === "undefined") throw failure("config_invalid", "there is no page here: start the session in the browser");
  if (!globalThis.isSecureContext) throw failure("insecure_context");
  const { vault = "auto", minimumVault = "page", workerUrl, wasmUrl, ...given } = own(options);
  const settings = own(plain(Object.fromEntries(Object.entries(given).filter(([, value]) => value != null))) ?? {}) as Record<string, unknown>;
  checkSettings(settings);
  const absolute = (url: string | URL): string => new URL(url, location.href).href;
  const url = absolute(workerUrl ?? new URL("./vault.js", import.meta.url));
  const wasm = absolute(wasmUrl ?? new URL("./vault.wasm", import.meta.url));
  const handle = new Handle({
    candidates: candidatesOf(vault, minimumVault),
    clientId: String(settings["clientId"]),
    loginUrl: settings["loginUrl"],
    name: nameOf(wasm, settings),
    serveInPage: async (name) => ((await import(/* @vite-ignore */ /* webpackIgnore: true */ url)) as VaultScript).serve(name),
    url,
  });
  return authOf(handle);
}

/**
 * Starts: finishes a login when the page is a callback, restores a session when it can. Called again with the same settings, it is the same
 * session: a component that is mounted twice does no harm.
 *
 * Fulfilled when it is known whether the user is signed in: at once on a first visit, after the token request on a callback, and otherwise
 * when the vault has answered. Until then the app can show a page of its own; {@link openAuth} returns at once.
 *
 * A sign-in that fails is no error here; it is the state `failed`.
 *
 * @typeParam CustomClaims - What `custom_claims` of the user info holds.
 * @throws AuthError `config_invalid`, `insecure_context`; `vault_unavailable`, `network` or `timeout` when no vault could be started.
 */
export async function createAuth<CustomClaims extends object = Record<string, unknown>>(
  options: AuthOptions,
): Promise<Auth<CustomClaims>> {
  const auth = openAuth<CustomClaims>(options);
  try {
    await auth.ready;
    return auth;
  } catch (error) {
    // The app gets no object that it could dispose.
    auth.dispose();
    throw error;
  }
}

function authOf<CustomClaims extends object>(handle: Handle): Auth<CustomClaims> {
  const done = async (command: string, members?: object): Promise<void> => void (await handle.call(command, members));
  const value = async <T>(command: string): Promise<T> => (await handle.call(command)) as T;
  const dispose = (): void => handle.dispose();
  return {
    get ready() {
      return handle.ready;
    },
    get state() {
      return handle.state;
    },
    subscribe: (listener) => handle.subscribe(listener),
    login: async (options) => done("login", { options: plain(options), url: location.href }),
    loginFromUrl: (url = location.href) => done("loginFromUrl", { url: String(url) }),
    fetch: (input, init) => handle.fetch(input, init),
    userInfo: () => value<UserInfo<CustomClaims>>("userInfo"),
    renew: () => done("renew"),
    accessToken: () => value<string>("accessToken"),
    logout: async (options) => done("logout", { options: plain(options) }),
    dispose,
    [Symbol.dispose ?? Symbol.for("Symbol.dispose")]: dispose,
  } as Auth<CustomClaims>;
}
