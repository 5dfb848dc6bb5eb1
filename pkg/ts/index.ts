/**
 * OpenID Connect sign-in for single-page apps, on Wristband or any OpenID provider. The tokens stay in the memory of a worker, which the page
 * cannot read. They are never written to disk.
 *
 * @packageDocumentation
 */
import type { ClientOptions } from "./client/client.js";
import { Handle } from "./client/handle.js";
import { prepare } from "./client/location.js";
import { own } from "./client/own.js";
import { failure } from "./failure.js";
import { plain } from "./plain.js";
import { checkSettings } from "./settings.js";
import type { Auth, AuthOptions, AuthState, IdleLogout, LogoutResult, UserInfo, VaultKind } from "./types.js";
import { VERSION } from "./version.js";

export { AuthError } from "./errors.js";
export type { AuthErrorCode, Blame, OAuthError } from "./errors.js";
export type * from "./types.js";

/** All kinds of vault, best first. */
const KINDS: readonly VaultKind[] = ["shared", "worker", "page"];

/** The exports of `vault.js` that a page uses. */
interface VaultScript {
  serve(name: string): (port: MessagePort) => void;
}

/** Before version 8, Vite's dev server moves the package's modules, and leaves the files beside them where they were. */
const unmoved = ({ href }: URL): string => href.replace(/\/\.vite\/deps\/(?=vault\.\w+$)/, "/wristband-spa-auth/dist/");

/** The whole configuration as a string. The order of the settings makes no difference. */
function nameOf(wasmUrl: string, settings: object): string {
  return JSON.stringify([VERSION, wasmUrl, Object.fromEntries(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)))]);
}

/** The kinds of vault that the app allows, best first. */
function candidatesOf(vault: unknown, minimumVault: unknown): VaultKind[] {
  const least = KINDS.indexOf(minimumVault as VaultKind);
  const allowed = KINDS.filter((kind, index) => (vault === "auto" || vault === kind) && index <= least);
  if (!allowed.length) throw failure("config_invalid", `vault: ${String(vault)}, with minimumVault: ${String(minimumVault)}, allows no location`);
  return allowed;
}

/** What the page's client makes of the options. `check` may refuse the settings. */
function sourceOf(options: AuthOptions, check?: typeof checkSettings): ClientOptions {
  const { vault = "auto", minimumVault = "page", development, navigate, workerUrl, wasmUrl, ...given } = own(options);
  const settings = own(plain(Object.fromEntries(Object.entries(given).filter(([, value]) => value != null))) ?? {}) as Record<string, unknown>;
  check?.(settings);
  if (navigate && typeof navigate !== "function") throw failure("config_invalid", "navigate: a function");
  const absolute = (url: string | URL): string => new URL(url, location.href).href;
  const url = absolute(workerUrl ?? unmoved(new URL("./vault.js", import.meta.url)));
  const wasm = absolute(wasmUrl ?? unmoved(new URL("./vault.wasm", import.meta.url)));
  return {
    candidates: candidatesOf(vault, minimumVault),
    clientId: String(settings["clientId"]),
    idleAfter: Number((settings["idleLogout"] as IdleLogout | undefined)?.after) || undefined,
    loginUrl: settings["loginUrl"],
    name: nameOf(wasm, settings),
    navigate,
    serveInPage: async (name) => ((await import(/* @vite-ignore */ /* webpackIgnore: true */ url)) as VaultScript).serve(name),
    url,
  };
}

/** For `wristband-spa-auth/diagnose`, which starts vaults as the session does.
 * @internal */
export const internals: object = { prepare, sourceOf };

let isHinted = false;

/** Says once where a developer finds the cause of a failure. A failure of the user's needs no other set-up. */
function hint(state: AuthState): void {
  if (state.status !== "failed" || state.error.blame === "user" || isHinted) return;
  isHinted = true;
  console.info(`wristband-spa-auth: ${state.error.code}, see docs/errors.md#${state.error.code}; diagnose() of "wristband-spa-auth/diagnose" finds the cause.`);
}

/**
 * Starts a session, and returns at once with the state `loading`, so that the app can render. `ready` of the returned object is fulfilled
 * when it is known whether the user is signed in. Otherwise like {@link createAuth}.
 *
 * @typeParam CustomClaims - The type of `customClaims` in the user info.
 * @throws AuthError `config_invalid`, `insecure_context`.
 */
export function openAuth<CustomClaims extends object = Record<string, unknown>>(options: AuthOptions): Auth<CustomClaims> {
  if (typeof document === "undefined") throw failure("config_invalid", "there is no page here: start the session in the browser");
  if (!globalThis.isSecureContext) throw failure("insecure_context");
  const handle = new Handle(sourceOf(options, checkSettings));
  if (options.development ?? options.allowInsecureLoopback) handle.subscribe(hint);
  return authOf(handle);
}

/**
 * Starts a session: completes a login if the page is a callback, and otherwise restores the session if there is one. Calls with the same
 * settings share one session, so a component may be mounted twice.
 *
 * Fulfilled when it is known whether the user is signed in: at once on a first visit, after the token request on a callback, and otherwise
 * when the vault has answered. To render before that, use {@link openAuth}, which returns at once.
 *
 * If a sign-in fails, the promise is fulfilled nevertheless, with the state `failed`. On a first visit the page checks only the settings without
 * which no session can start; the vault checks the others a moment later, and what it refuses is the state `failed` as well.
 *
 * @typeParam CustomClaims - The type of `customClaims` in the user info.
 * @throws AuthError `config_invalid`, `insecure_context`; if no vault could be started, `vault_unavailable`, `network` or `timeout`.
 */
export async function createAuth<CustomClaims extends object = Record<string, unknown>>(
  options: AuthOptions,
): Promise<Auth<CustomClaims>> {
  const auth = openAuth<CustomClaims>(options);
  try {
    await auth.ready;
    return auth;
  } catch (error) {
    // The app receives no object that it could dispose of.
    auth.dispose();
    throw error;
  }
}

function authOf<CustomClaims extends object>(handle: Handle): Auth<CustomClaims> {
  const done = async (command: string, members?: object): Promise<void> => void (await handle.call(command, members));
  const value = async <T>(command: string, members?: object): Promise<T> => (await handle.call(command, members)) as T;
  const dispose = (): void => handle.dispose();
  return {
    get ready() {
      return handle.ready;
    },
    get state() {
      return handle.state;
    },
    get lastSignIn() {
      return handle.lastSignIn;
    },
    subscribe: (listener) => handle.subscribe(listener),
    login: async (options) => done("login", { options: plain(options), url: location.href }),
    loginFromUrl: (url = location.href) => done("loginFromUrl", { url: String(url) }),
    fetch: (input, init) => handle.fetch(input, init),
    userInfo: () => value<UserInfo<CustomClaims>>("userInfo"),
    renew: () => done("renew"),
    stay: () => done("stay"),
    accessToken: () => value<string>("accessToken"),
    dpopProof: ({ url, method = "GET" }) => value<string>("proof", { url: String(url), method }),
    logout: async (options) => value<LogoutResult>("logout", { options: plain(options) }),
    dispose,
    [Symbol.dispose ?? Symbol.for("Symbol.dispose")]: dispose,
  } as Auth<CustomClaims>;
}
