import { createContext, useContext, useSyncExternalStore } from "react";
import type { Auth, AuthState } from "wristband-spa-auth";

/** The session. Tests and stories put a fake one here. */
export const AuthContext = createContext<Auth | null>(null);

/** The session, and its state. */
export function useAuth(): { auth: Auth; state: AuthState } {
  const auth = useContext(AuthContext);
  if (!auth) throw new Error("There is no AuthContext.");
  return { auth, state: useSyncExternalStore(auth.subscribe, () => auth.state) };
}
