import { type Auth, type AuthError, type AuthOptions, type AuthState, type LoginOptions, openAuth } from "./index.js";

/** The functions of a session that a binding passes on. */
type Call = "accessToken" | "fetch" | "login" | "loginFromUrl" | "logout" | "renew" | "stay" | "userInfo";
const CALLS: readonly Call[] = ["accessToken", "fetch", "login", "loginFromUrl", "logout", "renew", "stay", "userInfo"];

export type Calls<CustomClaims extends object> = Pick<Auth<CustomClaims>, Call>;

/** An object with the functions of a session that a binding passes on. */
export function callsOf<CustomClaims extends object>(call: (name: Call) => unknown): Calls<CustomClaims> {
  return Object.fromEntries(CALLS.map((name) => [name, call(name)])) as unknown as Calls<CustomClaims>;
}

const isServer = (): boolean => typeof document === "undefined";

/** On a server, and if no session can be opened: a session whose state never changes, and whose calls reject. */
function inert<CustomClaims extends object>(reason: AuthError): Auth<CustomClaims> {
  const reject = (): Promise<never> => Promise.reject(reason);
  const nothing = (): void => {};
  const ready = reject();
  ready.catch(nothing);
  return {
    ...callsOf(() => reject),
    state: { vault: "shared", vaultFallback: null, ...(isServer() ? { status: "loading" } : { status: "failed", error: reason }) },
    lastSignIn: null,
    ready,
    subscribe: () => nothing,
    dispose: nothing,
  } as unknown as Auth<CustomClaims>;
}

/**
 * The session of an app: the one that it has opened itself, or a new one. Never throws: on a server the state stays `loading`, and if the session
 * cannot be opened, for example because of a wrong setting, the state is `failed`. `navigate` is used if the options have none.
 */
export function sessionOf<CustomClaims extends object>(
  source: AuthOptions | Auth<CustomClaims>,
  navigate?: (path: string) => void,
): Auth<CustomClaims> {
  if ("subscribe" in source) return source;
  try {
    return openAuth<CustomClaims>(navigate ? { navigate, ...source } : source);
  } catch (error) {
    return inert(error as AuthError);
  }
}

/** The user and tenant that are signed in. What an API answers depends on them. */
export function identityOf(state: AuthState): string | false {
  return state.status === "signed-in" && `${state.userId} ${state.tenantId}`;
}

/** Fulfilled as soon as it is known whether the user is signed in. */
export function known(auth: Auth<object>): Promise<void> {
  return new Promise((resolve) => {
    const check = ({ status }: AuthState): void => {
      if (status === "loading") return;
      stop();
      resolve();
    };
    const stop = auth.subscribe(check);
    check(auth.state);
  });
}

/**
 * Before a router shows the protected page at `href`: waits while the state is loading, and sends the browser to the provider if the user is signed
 * out. Returns whether the browser leaves. If not, the page is shown: the user is signed in, or the login cannot start by itself, as after a failed
 * sign-in, offline, or in a loop.
 */
export async function leavesToLogIn(auth: Auth<object>, href: string, login?: LoginOptions): Promise<boolean> {
  if (isServer()) return false;
  await known(auth);
  if (auth.state.status !== "signed-out") return false;
  const returnTo = new URL(href, location.href).href;
  // The router may not have changed the URL yet: Back then leads to the page with the link. Otherwise Back would only log in again.
  const keepInHistory = returnTo !== location.href;
  return auth.login({ automatic: true, keepInHistory, returnTo, ...login }).then(
    () => true,
    () => false,
  );
}
