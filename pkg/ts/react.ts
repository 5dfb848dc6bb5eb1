"use client";
/**
 * The session as React components and hooks, for React 18 and 19.
 *
 * @packageDocumentation
 */
import { createContext, createElement, Fragment, type ReactNode, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { Auth, AuthError, AuthOptions, AuthState, LoginOptions, UserInfo } from "./index.js";
import { identityOf, LOADING, PENDING, type Session, sessionOf, type UserInfoResult } from "./react_session.js";

const Context = createContext<Session | null>(null);

/** The props of {@link AuthProvider}. */
export type AuthProviderProps = { children?: ReactNode } & (
  | {
      /** A session that the app has started with `createAuth` or `openAuth`, outside of components. The app disposes of it. */
      auth: Auth<object>;
      options?: never;
    }
  | {
      /** The options of `openAuth`. The session starts when the provider is mounted, and is disposed of when it is unmounted. */
      options: AuthOptions;
      auth?: never;
    }
);

/**
 * Provides a session to its children, which are rendered at once, while the state is `loading`. On a server nothing starts. If the session
 * cannot start, the state is `failed`.
 *
 * `options` are read once: to use others, give the provider another `key`.
 */
export function AuthProvider({ auth, children, options }: AuthProviderProps): ReactNode {
  const [initialOptions] = useState(options);
  const session = useMemo(() => sessionOf(auth, initialOptions), [auth, initialOptions]);
  useEffect(session.retain, [session]);
  return createElement(Context.Provider, { value: session }, children);
}

function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("There is no AuthProvider above this component.");
  return session;
}

const useAuthState = (session: Session): AuthState =>
  useSyncExternalStore(
    session.subscribe,
    session.state,
    () => LOADING,
  );

const NAMES = ["accessToken", "fetch", "login", "loginFromUrl", "logout", "renew", "stay", "userInfo"] as const;

/** The functions of the session that components call. They are the same in every render, and can be destructured. */
type Methods<CustomClaims extends object> = Pick<Auth<CustomClaims>, (typeof NAMES)[number]>;

/** What {@link useAuth} returns: the session's functions, and what is known of it now. */
export interface UseAuth<CustomClaims extends object = Record<string, unknown>> extends Methods<CustomClaims> {
  /** The state, told apart by `status`. */
  readonly state: AuthState;
  /** The outcome of the sign-in that this page load has finished, or `null`: see {@link Auth.lastSignIn}. */
  readonly lastSignIn: Auth["lastSignIn"];
  /** Whether `state.status` is `loading`: it is not known yet whether the user is signed in. */
  readonly isLoading: boolean;
  /** Whether `state.status` is `signed-in`. */
  readonly isAuthenticated: boolean;
  /** Why the sign-in of this page load failed, or why no session could start. `null` if neither did. */
  readonly error: AuthError | null;
}

/**
 * The session of the nearest {@link AuthProvider}. The component renders again after every change of the state.
 *
 * @typeParam CustomClaims - The type of `customClaims` in the user info.
 */
export function useAuth<CustomClaims extends object = Record<string, unknown>>(): UseAuth<CustomClaims> {
  const session = useSession();
  const state = useAuthState(session);
  const methods = useMemo(() => methodsOf(session), [session]);
  return useMemo(() => {
    const lastSignIn = session.lastSignIn();
    return {
      ...(methods as Methods<CustomClaims>),
      state,
      lastSignIn,
      isLoading: state.status === "loading",
      isAuthenticated: state.status === "signed-in",
      error: state.status === "failed" ? state.error : (lastSignIn?.error ?? null),
    };
  }, [methods, session, state]);
}

const methodsOf = (session: Session): Methods<object> => {
  const methods = NAMES.map((name) => [name, async (...args: unknown[]) => (session.auth()[name] as (...args: unknown[]) => unknown)(...args)]);
  return Object.fromEntries(methods) as Methods<object>;
};

/** What {@link useUserInfo} returns. */
export interface UseUserInfo<CustomClaims extends object = Record<string, unknown>> {
  /** The user info. `undefined` until it is known, and if no user is signed in. */
  readonly data: UserInfo<CustomClaims> | undefined;
  /** Why the last request failed. `undefined` if it did not. */
  readonly error: AuthError | undefined;
  /** Whether the user info is on its way, or it is not known yet whether a user is signed in. */
  readonly isLoading: boolean;
  /** Fetches the user info again. `data` stays meanwhile. Fulfilled when the outcome is known, also if that is an error. */
  refetch(): Promise<void>;
}

/** What {@link useUserInfo} returns with `suspense`: the user info is there. */
export interface SuspenseUserInfo<CustomClaims extends object = Record<string, unknown>> extends UseUserInfo<CustomClaims> {
  readonly data: UserInfo<CustomClaims>;
}

/**
 * The user info of the signed-in user. It is fetched once for all components, and again when the user or the tenant changes.
 *
 * With `suspense` the component suspends until the user info is known, and throws to the nearest error boundary if it cannot be fetched, or if
 * no user is signed in.
 *
 * @typeParam CustomClaims - The type of `customClaims`.
 */
export function useUserInfo<CustomClaims extends object = Record<string, unknown>>(options: { suspense: true }): SuspenseUserInfo<CustomClaims>;
export function useUserInfo<CustomClaims extends object = Record<string, unknown>>(options?: { suspense?: boolean }): UseUserInfo<CustomClaims>;
export function useUserInfo(options?: { suspense?: boolean }): UseUserInfo<object> {
  const session = useSession();
  const state = useAuthState(session);
  const shown = useSyncExternalStore(
    session.subscribe,
    session.userInfo,
    () => PENDING,
  );
  useEffect(() => {
    if (state.status === "signed-in") session.fetchUserInfo();
  }, [session, state]);
  return { ...(options?.suspense ? settled(session) : shown), refetch: session.refetchUserInfo };
}

/** The user info, not of the last render but of now: a page that hydrates would else suspend forever. */
function settled(session: Session): UserInfoResult {
  // On a server this throws, and the page shows what it shows while suspended.
  session.auth();
  session.fetchUserInfo();
  const userInfo = session.userInfo();
  if (userInfo.data) return userInfo;
  throw userInfo.isLoading ? changeOf(session) : userInfo.error;
}

const changeOf = (session: Session): Promise<void> =>
  new Promise((resolve) => {
    const unsubscribe = session.subscribe(() => {
      unsubscribe();
      resolve();
    });
  });

/** What {@link RequireAuth} shows if it does not start a login by itself. */
export interface AuthFailure {
  /** Why the login failed. `null` if none did: the user has logged out, here or in another tab. */
  readonly error: AuthError | null;
  /** Starts another login. */
  retry(): void;
}

/** The props of {@link RequireAuth}. */
export interface RequireAuthProps {
  /** What only a signed-in user sees. */
  children?: ReactNode;
  /** What to show while the state is `loading`, and until the browser has left. Default: nothing. */
  fallback?: ReactNode;
  /** What to show after a failed login, and when the user has logged out on this page. Default: a message and a button. */
  failure?: (failure: AuthFailure) => ReactNode;
  /** How to log in. Default: to the tenant of the settings, and back to the current URL. */
  login?: LoginOptions;
}

/**
 * Renders its children while a user is signed in. Otherwise starts a login that returns to the current URL, with query and fragment; Back does
 * not lead to it.
 *
 * After a failed sign-in, and when the user logs out while the page is shown, it starts no login: it shows `failure` and waits for the user.
 */
export function RequireAuth({ children, failure = inASentence, fallback, login }: RequireAuthProps): ReactNode {
  const session = useSession();
  const state = useAuthState(session);
  const { status } = state;
  const reason = status === "signed-out" ? state.reason : status;
  const [error, setError] = useState<AuthError | null>();
  const wasSignedIn = useRef(false);
  const start = (options?: LoginOptions): void => {
    setError(undefined);
    session.auth().login({ ...options, ...login }).catch(setError);
  };
  useEffect(() => {
    if (status === "signed-in") wasSignedIn.current = true;
    if (status !== "signed-out") return undefined;
    const hasLoggedOut = wasSignedIn.current && (reason === "signed-out" || reason === "idle");
    wasSignedIn.current = false;
    // Another tab may be about to log out at the provider. A login now could still find that session.
    if (hasLoggedOut) return setError(null);
    // A router may show a page before the address bar has its URL, to which the login returns.
    const timer = setTimeout(start, 0, { automatic: true });
    return () => clearTimeout(timer);
  }, [session, reason]);
  // Another user's page starts anew.
  if (status === "signed-in") return createElement(Fragment, { key: identityOf(state) }, children);
  const shown = error ?? (status === "failed" ? state.error : error);
  return shown === undefined ? fallback : failure({ error: shown, retry: () => start() });
}

function inASentence({ error, retry }: AuthFailure): ReactNode {
  return createElement(
    "div",
    { role: "alert" },
    createElement("p", null, error ? sentence(error) : "You have logged out."),
    createElement("button", { type: "button", onClick: retry }, error ? "Try again" : "Log in"),
  );
}

/** The message of an error without what only developers need. */
function sentence({ message }: AuthError): string {
  const [, words = message] = message.split(/: | \(\w+\)$/);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
