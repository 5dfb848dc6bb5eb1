import { shallowReadonly, shallowRef } from "vue";
import { type AuthOptions, type AuthState, createAuth } from "wristband-spa-auth";

/** One build serves every environment: its settings are in a file next to the page. */
type Settings = AuthOptions & { apiUrl: string };

/** The state before the session has started, or if it cannot start: mostly because of a wrong setting. */
type NoSession = { status: "loading" } | { status: "failed"; error: Error };

const state = shallowRef<AuthState | NoSession>({ status: "loading" });

async function start() {
  const { apiUrl, ...options }: Settings = await (await fetch("/config.json")).json();
  const auth = await createAuth(options);
  auth.subscribe((next) => (state.value = next));
  state.value = auth.state;
  // The application's login URL: Wristband redirects users here so that the app starts their login.
  if (location.pathname === "/login") await auth.loginFromUrl();
  return { auth, apiUrl };
}

/** Started once, outside of all components, so that the session outlives them. */
const started = start();
started.catch((error: Error) => (state.value = { status: "failed", error }));

/** The session's state, and the session itself as soon as it has started. */
export function useAuth() {
  return { state: shallowReadonly(state), started };
}
