import { createContext, createEffect, createMemo, createSignal, from, type JSX, Match, onCleanup, type ParentProps, Switch, useContext } from "solid-js";
import { type Auth, type AuthOptions, type AuthState, openAuth } from "wristband-spa-auth";

interface Session {
  readonly auth: Auth;
  readonly state: () => AuthState;
}

const Context = createContext<Session>();

/** Opens the session, and provides it to its children. Solid's router follows the URL to which a sign-in returns. */
export function AuthProvider(props: ParentProps<{ options: AuthOptions }>) {
  const auth = openAuth(props.options);
  onCleanup(auth.dispose);
  const state = from<AuthState>(auth.subscribe, auth.state);
  return <Context.Provider value={{ auth, state }}>{props.children}</Context.Provider>;
}

export function useAuth(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("useAuth: there is no AuthProvider");
  return session;
}

interface Failure {
  /** `null` if the user has logged out, here or in another tab. */
  error: Error | null;
  retry: () => void;
}

/**
 * Renders its children while a user is signed in. Otherwise starts a login that returns to the current URL. After a failed sign-in, and if the
 * user logs out while the page is shown, it starts no login: it shows `failure` and waits for the user.
 */
export function RequireAuth(props: ParentProps<{ failure: (failure: Failure) => JSX.Element }>) {
  const { auth, state } = useAuth();
  const [obstacle, setObstacle] = createSignal<{ error: Error | null }>();
  const start = (automatic: boolean) => {
    setObstacle();
    auth.login({ automatic }).catch((error: Error) => setObstacle({ error }));
  };
  const situation = createMemo(() => {
    const now = state();
    return now.status === "signed-out" ? now.reason : now.status;
  });
  createEffect((wasSignedIn: boolean) => {
    const now = situation();
    if (now === "loading" || now === "failed") return wasSignedIn;
    if (now === "signed-in") return true;
    // Another tab may be about to log out at the provider. A login now could still find that session.
    if (now === "signed-out" && wasSignedIn) setObstacle({ error: null });
    else {
      // The router may not have changed the URL yet, to which the login returns.
      const timer = setTimeout(start, 0, true);
      onCleanup(() => clearTimeout(timer));
    }
    return false;
  }, false);
  const failure = () => {
    const now = state();
    return now.status === "failed" ? (obstacle() ?? { error: now.error }) : obstacle();
  };
  return (
    <Switch>
      <Match when={situation() === "signed-in"}>{props.children}</Match>
      <Match when={failure()}>{(found) => props.failure({ error: found().error, retry: () => start(false) })}</Match>
    </Switch>
  );
}
