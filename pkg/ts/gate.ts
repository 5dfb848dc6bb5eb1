import type { Auth, AuthError, LoginOptions } from "./index.js";

/** Why a protected page is not shown: an error, or `null` after a logout. `undefined` while there is nothing to say. */
export type Obstacle = AuthError | null | undefined;

/** The login that a protected page starts by itself. */
export interface Gate {
  /** Starts another login. */
  retry(): void;
  close(): void;
}

/**
 * Starts a login that returns to the current URL, unless a user is signed in. After a failed sign-in, and if the user logs out while the page is
 * shown, it waits for the user, and calls `show` with the reason.
 */
export function openGate(auth: Auth<object>, login: LoginOptions | undefined, show: (obstacle: Obstacle) => void): Gate {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wasSignedIn = false;
  let last: unknown;
  const start = (automatic: boolean): void => {
    show(undefined);
    auth.login({ ...login, automatic }).catch(show);
  };
  const follow = (): void => {
    const { state } = auth;
    const next = state.status === "failed" ? state.error : state.status === "signed-out" ? state.reason : state.status;
    if (next === last) return;
    // Another tab may be about to log out at the provider. A login now could still find that session.
    const hasLoggedOut = wasSignedIn && (next === "signed-out" || next === "idle");
    show(state.status === "failed" ? state.error : hasLoggedOut ? null : undefined);
    if (state.status === "signed-out") {
      // A router may show a page before the address bar has its URL, to which the login returns.
      if (!hasLoggedOut) timer = setTimeout(start, 0, true);
      wasSignedIn = false;
    }
    wasSignedIn ||= state.status === "signed-in";
    last = next;
  };
  const stop = auth.subscribe(follow);
  follow();
  return {
    retry: () => start(false),
    close() {
      stop();
      clearTimeout(timer);
    },
  };
}
