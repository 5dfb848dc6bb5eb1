/**
 * Sign-in for single-page apps on Wristband. The tokens live in a worker that the page cannot read, are never written to disk, and still
 * survive a reload.
 *
 * @packageDocumentation
 */
import { VERSION } from "./version.js";
import { Connection } from "./connection.js";
import { failure } from "./errors.js";
import { fetchThrough } from "./fetch.js";
import type { Auth, AuthOptions, UserInfo, VaultHome } from "./types.js";

export { AuthError } from "./errors.js";
export type { AuthErrorCode, Blame, OAuthError } from "./errors.js";
export type * from "./types.js";

interface Use {
  opened: Promise<Connection>;
  users: number;
}

/** The sessions of this page, by their configuration. */
const inUse = new Map<string, Use>();

/** The whole configuration as a text: the same for the same settings, in whatever order they are written. */
function nameOf(wasmUrl: string, options: object): string {
  const given = Object.entries(options).filter(([, value]) => value != null);
  return JSON.stringify([VERSION, wasmUrl, Object.fromEntries(given.sort(([a], [b]) => (a < b ? -1 : 1)))]);
}

/**
 * Starts: finishes a login when the page is a callback, restores a session when it can. Called again with the same settings, it is the same
 * session: a component that is mounted twice does no harm.
 *
 * A sign-in that fails is no error here; it is the state `failed`.
 *
 * @typeParam CustomClaims - What `custom_claims` of the user info holds.
 * @throws AuthError `config_invalid`, `insecure_context`, `vault_unavailable`.
 */
export async function createAuth<CustomClaims extends object = Record<string, unknown>>(
  options: AuthOptions,
): Promise<Auth<CustomClaims>> {
  if (typeof document === "undefined") throw failure("config_invalid", "caller", "there is no page here: call createAuth in the browser");
  if (!isSecureContext) throw failure("insecure_context", "caller", "the page was not loaded over https, so the browser offers no cryptography");
  const { vault = "auto", workerUrl, wasmUrl, ...settings } = options;
  const worker = new URL(workerUrl ?? new URL("./vault.js", import.meta.url), document.baseURI).href;
  const wasm = new URL(wasmUrl ?? new URL("./vault.wasm", import.meta.url), document.baseURI).href;
  const homes: VaultHome[] = vault === "auto" ? ["shared", "worker", "page"] : [vault];
  const name = nameOf(wasm, settings);
  const key = [vault, worker, name].join();
  const use = inUse.get(key) ?? { opened: new Connection(homes, worker, name).open(), users: 0 };
  inUse.set(key, use);
  use.users++;
  let held = true;
  const letGo = (): boolean => {
    const wasLast = held && --use.users < 1;
    held = false;
    if (wasLast) inUse.delete(key);
    return wasLast;
  };
  try {
    const connection = await use.opened;
    return face(connection, () => letGo() && connection.dispose());
  } catch (error) {
    letGo();
    throw error;
  }
}

function face<CustomClaims extends object>(vault: Connection, dispose: () => void): Auth<CustomClaims> {
  const done = async (ask: string, members?: object): Promise<void> => void (await vault.ask(ask, members));
  const value = async <T>(ask: string): Promise<T> => (await vault.ask(ask)).value as T;
  return {
    get state() {
      return vault.state;
    },
    subscribe(listener) {
      // The same function may listen twice, and each ends by itself.
      const own: typeof listener = (state) => listener(state);
      vault.listeners.add(own);
      return () => void vault.listeners.delete(own);
    },
    login: (options) => done("login", { options, address: location.href }),
    loginFromUrl: (address = location.href) => done("loginFromUrl", { address: String(address) }),
    fetch: (input, init) => fetchThrough(vault, input, init),
    userInfo: () => value<UserInfo<CustomClaims>>("userInfo"),
    renew: () => done("renew"),
    accessToken: () => value<string>("accessToken"),
    logout: (options) => done("logout", { options }),
    dispose,
    [Symbol.dispose ?? Symbol.for("Symbol.dispose")]: dispose,
  } as Auth<CustomClaims>;
}
