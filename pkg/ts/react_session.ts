import { openAuth } from "./index.js";
import type { Auth, AuthError, AuthOptions, AuthState, Loading, UserInfo } from "./index.js";

/** The state on a server and while a page hydrates: it is known in the browser only. */
export const LOADING: Loading = { status: "loading", vault: "shared", vaultFallback: null };

/** The user info as it is known now. */
export interface UserInfoResult {
  readonly data: UserInfo<object> | undefined;
  readonly error: AuthError | undefined;
  readonly isLoading: boolean;
}

const NONE: UserInfoResult = { data: undefined, error: undefined, isLoading: false };
export const PENDING: UserInfoResult = { ...NONE, isLoading: true };

/** The user and tenant that are signed in. Responses to the app's requests depend on them. */
export const identityOf = (state: AuthState): string => (state.status === "signed-in" ? JSON.stringify([state.userId, state.tenantId]) : "");

/** The session of the providers with the same `auth` or settings. It is open while one of them is mounted. */
export interface Session {
  /** The session's own object. Effects of children run before those of their provider, so the first use opens the session. */
  auth(): Auth<object>;
  state(): AuthState;
  /** What the sign-in of this page load came to. Unlike `auth`, this does not open the session. */
  lastSignIn(): Auth["lastSignIn"];
  /** The user info of the signed-in user, as far as it is known. */
  userInfo(): UserInfoResult;
  /** Fetches the user info, if that of the signed-in user is not known. */
  fetchUserInfo(): void;
  /** Fetches the user info again. Fulfilled when it is shown, or its error is. */
  refetchUserInfo(): Promise<void>;
  /** Calls `listener` after every change of the state and of the user info. */
  subscribe(listener: () => void): () => void;
  /** Opens the session for a provider. Returns what ends that. */
  retain(): () => void;
}

/**
 * The sessions of this page, by their `auth` or settings. React forgets what a component had before it suspended for the first time, and must
 * find the same session when it renders again.
 */
const sessions = new Map<unknown, Session>();

/** The session of a provider. It has no effect before a component uses it. */
export function sessionOf(given: Auth<object> | undefined, options: AuthOptions | undefined): Session {
  const key = given ?? JSON.stringify(options);
  const known = sessions.get(key);
  if (known) return known;

  const listeners = new Set<() => void>();
  let auth = given;
  let failed: AuthState | undefined;
  let providers = 0;
  let unsubscribe: (() => void) | undefined;
  let userInfo = PENDING;
  /** Whose user info this is. */
  let userInfoOf: string | undefined;
  /** The last request for the user info. */
  let lastCall: unknown;

  const notify = (): void => listeners.forEach((listener) => listener());
  const register = (): unknown => typeof document === "undefined" || sessions.set(key, session);
  const open = (): Auth<object> => {
    auth = given ?? openAuth(options as AuthOptions);
    unsubscribe = auth.subscribe(notify);
    register();
    return auth;
  };
  /** A call of a component that is unmounted is then rejected with `disposed`: it opens no other session. */
  const close = (): void => {
    unsubscribe?.();
    unsubscribe = undefined;
    sessions.delete(key);
    if (!given) auth?.dispose();
  };
  /** Fetches the user info, and shows another result meanwhile. */
  const fetch = async (meanwhile: UserInfoResult): Promise<void> => {
    userInfoOf = identityOf(session.state());
    userInfo = meanwhile;
    const call = (lastCall = session.auth().userInfo());
    const result = await call.then(
      (data) => ({ ...NONE, data }),
      (error: AuthError) => ({ ...meanwhile, error, isLoading: false }),
    );
    // Another user may have signed in, or a later call may have been made.
    if (lastCall !== call) return;
    userInfo = result;
    notify();
  };

  const session: Session = {
    auth: () => auth ?? open(),
    state: () => failed ?? auth?.state ?? LOADING,
    lastSignIn: () => auth?.lastSignIn ?? null,
    userInfo() {
      const state = session.state();
      if (state.status === "loading") return PENDING;
      if (userInfoOf === identityOf(state)) return userInfo;
      return state.status === "signed-in" ? PENDING : NONE;
    },
    fetchUserInfo() {
      const state = session.state();
      if (state.status !== "loading" && userInfoOf !== identityOf(state)) void fetch(PENDING);
    },
    refetchUserInfo() {
      const fetched = fetch({ ...session.userInfo(), isLoading: true });
      notify();
      return fetched;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    retain() {
      if (!providers++) {
        failed = undefined;
        try {
          if (!unsubscribe) open();
        } catch (error) {
          failed = { ...LOADING, status: "failed", error: error as AuthError };
        }
        notify();
      }
      // The strict mode mounts a provider again at once.
      return () => queueMicrotask(() => --providers || close());
    },
  };
  register();
  return session;
}
