/**
 * Svelte 5: a session as a store and as reactive getters, and guards for SvelteKit.
 *
 * @packageDocumentation
 */
import { getContext, setContext } from "svelte";
import { createSubscriber } from "svelte/reactivity";
import { type Gate, type Obstacle, openGate } from "./gate.js";
import type { Auth, AuthError, AuthOptions, AuthState, LoginOptions, UserInfo } from "./index.js";
import { callsOf, identityOf, leavesToLogIn, sessionOf } from "./session.js";

/** The session of an app. Its functions can be destructured; its getters cannot. */
export interface AuthStore<CustomClaims extends object = Record<string, unknown>>
  extends Pick<Auth<CustomClaims>, "accessToken" | "fetch" | "login" | "loginFromUrl" | "logout" | "renew" | "stay" | "userInfo"> {
  /** The session itself, for everything else. On a server, and if it cannot be opened, its calls reject. */
  readonly auth: Auth<CustomClaims>;
  /** The state, reactive in components and effects. On a server: `loading`. */
  readonly state: AuthState;
  readonly isLoading: boolean;
  readonly isSignedIn: boolean;
  /** Why the sign-in failed, or why there is no vault. `null` unless the status is `failed`. */
  readonly error: AuthError | null;
  /** The contract of Svelte's stores: calls `run` with the state, now and after every change. `$auth` is the state. */
  subscribe(run: (state: AuthState) => void): () => void;
}

/** The result of {@link createUserInfo}. All getters are reactive. */
export interface UserInfoStore<CustomClaims extends object = Record<string, unknown>> {
  /** `null` until it has been fetched, and if no user is signed in. */
  readonly current: UserInfo<CustomClaims> | null;
  /** Why it could not be fetched. */
  readonly error: AuthError | null;
  /** Fetches it again. */
  readonly refresh: () => Promise<void>;
}

/** Why a protected page is not shown. */
export interface AuthFailure {
  /** Why no user is signed in. `null` if the user has logged out, here or in another tab. */
  readonly error: AuthError | null;
  /** Starts another login. */
  readonly retry: () => void;
}

/** The result of {@link createAuthGuard}. All getters are reactive. */
export interface AuthGuard {
  /** Whether a user is signed in: the page can be shown. */
  readonly isOpen: boolean;
  /** What to show instead after a failed sign-in, and after a logout on the page. `null` while the state is loading, and until the browser leaves. */
  readonly failure: AuthFailure | null;
}

/**
 * Opens the session of the app, for a module or the root layout. On a server the state stays `loading`.
 *
 * @param source - The options of `createAuth`, or a session that the app has opened itself. With SvelteKit, `navigate` is
 * `(path) => goto(path, { replaceState: true })`.
 * @typeParam CustomClaims - The type of `customClaims` in the user info.
 */
export function createAuthStore<CustomClaims extends object = Record<string, unknown>>(
  source: AuthOptions | Auth<CustomClaims>,
): AuthStore<CustomClaims> {
  const auth = sessionOf(source);
  const read = createSubscriber((update) => auth.subscribe(update));
  const stateNow = (): AuthState => {
    read();
    return auth.state;
  };
  return {
    ...callsOf<CustomClaims>((name) => auth[name]),
    auth,
    get state() {
      return stateNow();
    },
    get isLoading() {
      return stateNow().status === "loading";
    },
    get isSignedIn() {
      return stateNow().status === "signed-in";
    },
    get error() {
      const state = stateNow();
      return state.status === "failed" ? state.error : null;
    },
    subscribe(run) {
      run(auth.state);
      return auth.subscribe(run);
    },
  };
}

/** The user info (OIDC Core §5.3) of the signed-in user. Fetched while something shows it, and again when the user or the tenant changes. */
export function createUserInfo<CustomClaims extends object>({ auth }: AuthStore<CustomClaims>): UserInfoStore<CustomClaims> {
  let current: UserInfo<CustomClaims> | null = null;
  let error: AuthError | null = null;
  let identity: string | false = false;
  /** The number of the last request. The outcome of an older one is not shown. */
  let last = 0;
  let show = (): void => {};
  const refresh = async (): Promise<void> => {
    const own = ++last;
    const [fetched, thrown] = await auth.userInfo().then(
      (info) => [info, null] as const,
      (reason: AuthError) => [current, reason] as const,
    );
    if (own !== last) return;
    [current, error] = [fetched, thrown];
    show();
  };
  const follow = (): void => {
    const next = identityOf(auth.state);
    if (next === identity) return;
    identity = next;
    last++;
    current = error = null;
    show();
    if (identity) void refresh();
  };
  const read = createSubscriber((update) => {
    show = update;
    const stop = auth.subscribe(follow);
    follow();
    return stop;
  });
  return {
    get current() {
      read();
      return current;
    },
    get error() {
      read();
      return error;
    },
    refresh,
  };
}

/**
 * A guard for a layout: while something reads it, it starts a login that returns to the current URL, unless a user is signed in.
 *
 * After a failed sign-in, and if the user logs out while the page is shown, it starts no login: `failure` says why, and waits for the user.
 */
export function createAuthGuard({ auth }: AuthStore<object>, login?: LoginOptions): AuthGuard {
  let obstacle: Obstacle;
  let gate: Gate | undefined;
  const read = createSubscriber((update) => {
    gate = openGate(auth, login, (next) => {
      obstacle = next;
      update();
    });
    return gate.close;
  });
  const retry = (): void => gate?.retry();
  return {
    get isOpen() {
      read();
      return auth.state.status === "signed-in";
    },
    get failure() {
      read();
      return obstacle === undefined ? null : { error: obstacle, retry };
    },
  };
}

/**
 * For a SvelteKit `load` of pages that need a signed-in user: waits while the state is loading, and logs in if the user is signed out. Never
 * fulfilled if the browser leaves. A `load` of a page below runs at the same time, unless it awaits `parent()` first.
 *
 * After a failed sign-in, and if no login can start, it is fulfilled nevertheless: {@link createAuthGuard} then says why.
 *
 * @param url - The `url` of the load event: the login returns to it.
 */
export async function requireAuth({ auth }: AuthStore<object>, url: URL, login?: LoginOptions): Promise<void> {
  if (await leavesToLogIn(auth, url.href, login)) await new Promise(() => {});
}

const KEY = Symbol("auth");

/** Provides the session to the components below this one. */
export function setAuth<Store extends AuthStore<object>>(store: Store): Store {
  return setContext(KEY, store);
}

/**
 * The session that a component above has provided with {@link setAuth}.
 *
 * @typeParam CustomClaims - The type of `customClaims` in the user info.
 */
export function getAuth<CustomClaims extends object = Record<string, unknown>>(): AuthStore<CustomClaims> {
  return getContext(KEY);
}
