/**
 * A session for unit tests, without a browser, a vault or a provider: the test says what the state is, what the API answers, and what fails. It
 * checks nothing that the library checks, so it shows how an app behaves in a state, and not that the app gets there.
 *
 * @packageDocumentation
 */
import type { ApiOptions, Auth, AuthError, AuthErrorCode, AuthState, LastSignIn, LogoutResult, SignedIn, UserInfo } from "./index.js";
import { abortable, checkAddress, type FakeResponses, requestOf, respond } from "./testing_fetch.js";
import { authError, complete, type PartialState, signedOut, userInfo } from "./testing_states.js";

export type { FakeResponses, FakeServer } from "./testing_fetch.js";
export { authError, failed, loading, signedIn, signedOut, userInfo } from "./testing_states.js";
export type { AuthErrorDetails, PartialState } from "./testing_states.js";

/** The functions whose calls a fake records. */
export type FakeMethod = "accessToken" | "dispose" | "dpopProof" | "fetch" | "login" | "loginFromUrl" | "logout" | "renew" | "stay" | "userInfo";

/** The arguments of each call of each function, in the order of the calls. */
export type FakeCalls = { readonly [Method in FakeMethod]: Parameters<Auth[Method]>[] };

/** The options of {@link createFakeAuth}. */
export interface FakeAuthOptions<CustomClaims extends object = Record<string, unknown>> {
  /** The first state. Default: `signed-out`, as on a first visit. */
  state?: PartialState;
  /** The outcome of the sign-in that this page load has finished. Default: `null`. */
  lastSignIn?: LastSignIn | null;
  /** As in the settings of the app: `fetch` refuses other URLs. Default: `fetch` takes every URL. */
  apis?: readonly (string | ApiOptions)[];
  /** What `fetch` answers. A request without a response rejects with an error that names it. */
  responses?: FakeResponses;
  /** Fields of the user info. Default: the user, the tenant and the identity provider of the state. */
  userInfo?: Partial<UserInfo<CustomClaims>>;
  /** The access token, as if the app set `exposeAccessToken`. Default: `accessToken` rejects with `access_token_not_exposed`. */
  accessToken?: string;
}

/**
 * A session that a test controls. What needs a signed-in user rejects with `not_signed_in` in the other states, and waits while the state is
 * `loading`. `login` and `loginFromUrl` change nothing, as the browser leaves the page. `logout` signs out, `renew` counts a renewal, `stay` ends the
 * warning of an idle session.
 */
export interface FakeAuth<CustomClaims extends object = Record<string, unknown>> extends Auth<CustomClaims> {
  lastSignIn: LastSignIn | null;

  /** What was called, with which arguments: `calls.login` is a list with a list of arguments for each call. */
  readonly calls: FakeCalls;

  /** The requests of `fetch` that were not refused. */
  readonly requests: readonly Request[];

  /** Changes the state. Fields that are not given have their defaults, not the values of the last state. Calls the subscribers if anything changed. */
  set(state: PartialState): void;

  /** Replaces what `fetch` answers. */
  setResponses(responses: FakeResponses): void;

  /** Replaces the fields of the user info. */
  setUserInfo(fields: Partial<UserInfo<CustomClaims>>): void;

  /** Makes the next call of a function reject. Several failures are for several calls. */
  failNext(method: Exclude<FakeMethod, "dispose">, error: AuthErrorCode | AuthError): void;
}

interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: AuthError): void;
}

function deferred(): Deferred {
  let settle!: Omit<Deferred, "promise">;
  const promise = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  // Nothing has to wait for it.
  promise.catch(() => {});
  return { promise, ...settle };
}

/** Whether no vault could be started, so that nothing works. */
const isUnavailable = (state: AuthState): AuthError | undefined =>
  state.status === "failed" && state.error.code === "vault_unavailable" ? state.error : undefined;

/** Throws where nobody catches it. Node has no `reportError`. */
function rethrow(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** Calls a listener. Its errors belong to the app: the other listeners are called nevertheless. */
function notify(listener: (state: AuthState) => void, state: AuthState): void {
  try {
    listener(state);
  } catch (error) {
    ((globalThis as { reportError?: typeof rethrow }).reportError ?? rethrow)(error);
  }
}

/**
 * Makes a session for tests. It has everything that {@link Auth} has, and does nothing outside of itself.
 *
 * @typeParam CustomClaims - The type of `customClaims` in the user info.
 */
export function createFakeAuth<CustomClaims extends object = Record<string, unknown>>(
  options: FakeAuthOptions<CustomClaims> = {},
): FakeAuth<CustomClaims> {
  const calls: FakeCalls = { accessToken: [], dispose: [], dpopProof: [], fetch: [], login: [], loginFromUrl: [], logout: [], renew: [], stay: [], userInfo: [] };
  const requests: Request[] = [];
  const failures = new Map<FakeMethod, AuthError[]>();
  const listeners = new Set<(state: AuthState) => void>();
  const ready = deferred();
  const disposal = deferred();
  let { responses = {}, userInfo: infoFields } = options;
  let isDisposed = false;
  let state = complete(options.state ?? signedOut());
  /** Settled while the state is known. */
  let known = deferred();

  const settle = (): void => {
    if (state.status === "loading") return;
    const unavailable = isUnavailable(state);
    if (unavailable) ready.reject(unavailable);
    else ready.resolve();
    known.resolve();
  };
  settle();

  const set = (given: PartialState): void => {
    const next = complete(given);
    if (JSON.stringify(next) === JSON.stringify(state)) return;
    if (next.status === "loading" && state.status !== "loading") known = deferred();
    state = next;
    settle();
    for (const listener of [...listeners]) notify(listener, state);
  };

  /** Records a call, fails as the test wants it, and works once the state is known. */
  const call = async <Method extends FakeMethod, T>(method: Method, args: Parameters<Auth[Method]>, work: () => T | Promise<T>): Promise<T> => {
    calls[method].push(args as never);
    if (isDisposed) throw authError("disposed");
    const failure = failures.get(method)?.shift();
    if (failure) throw failure;
    const working = known.promise.then(() => {
      const unavailable = isUnavailable(state);
      if (unavailable) throw unavailable;
      return work();
    });
    return Promise.race([working, disposal.promise as Promise<never>]);
  };

  const user = (): SignedIn => {
    if (state.status !== "signed-in") throw authError("not_signed_in");
    return state;
  };

  const infoOf = ({ userId, tenantId, tenantName, identityProviderName, claims }: SignedIn): UserInfo<CustomClaims> =>
    userInfo<CustomClaims>({ userId, tenantId, tenantName, identityProviderName, claims, ...infoFields });

  const request = async (input: RequestInfo | URL, init?: RequestInit | null): Promise<Response> => {
    checkAddress(input, options.apis);
    user();
    const made = requestOf(input, init);
    requests.push(made.clone());
    return respond(responses, made);
  };

  const dispose = (): void => {
    calls.dispose.push([]);
    isDisposed = true;
    listeners.clear();
    ready.reject(authError("disposed"));
    disposal.reject(authError("disposed"));
  };

  return {
    calls,
    requests,
    lastSignIn: options.lastSignIn ?? null,
    get ready() {
      return ready.promise;
    },
    get state() {
      return state;
    },
    subscribe: (listener) => {
      // The same function may be subscribed twice, and each subscription ends separately.
      const own = (next: AuthState): void => listener(next);
      if (!isDisposed) listeners.add(own);
      return () => void listeners.delete(own);
    },
    login: (...args) => call("login", args, () => {}),
    loginFromUrl: (...args) => call("loginFromUrl", args, () => {}),
    fetch: (...args) => {
      // As in `fetch`, `signal: null` takes the signal from a request.
      const signal = args[1]?.signal === undefined ? (args[0] as Partial<Request>).signal : args[1].signal;
      return abortable(call("fetch", args, () => request(...args)), signal);
    },
    userInfo: () => call("userInfo", [], () => infoOf(user())),
    renew: () => call("renew", [], () => set({ ...user(), renewals: user().renewals + 1, renewalError: null })),
    stay: () => call("stay", [], () => set({ ...user(), idleLogoutAt: null })),
    accessToken: () =>
      call("accessToken", [], () => {
        if (options.accessToken === undefined) throw authError("access_token_not_exposed");
        user();
        return options.accessToken;
      }),
    dpopProof: (...args) =>
      call("dpopProof", args, () => {
        throw authError(options.accessToken === undefined ? "access_token_not_exposed" : "dpop_unsupported");
      }),
    logout: (...args) =>
      call("logout", args, (): LogoutResult => {
        set(signedOut("signed-out"));
        return { endsProviderSession: true };
      }),
    dispose,
    [Symbol.dispose ?? Symbol.for("Symbol.dispose")]: dispose,
    set,
    setResponses: (given) => void (responses = given),
    setUserInfo: (fields) => void (infoFields = fields),
    failNext: (method, error) =>
      void failures.set(method, [...(failures.get(method) ?? []), typeof error === "string" ? authError(error) : error]),
  } as FakeAuth<CustomClaims>;
}
