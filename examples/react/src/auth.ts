import { use, useSyncExternalStore } from "react";
import { type AuthOptions, createAuth } from "wristband-spa-auth";

/** One build serves every environment: its settings are in a file next to the page. */
type Settings = AuthOptions & { apiUrl: string };

async function start() {
  const { apiUrl, ...options }: Settings = await (await fetch("/config.json")).json();
  const auth = await createAuth(options);
  // The application's login URL: Wristband redirects users here so that the app starts their login.
  if (location.pathname === "/login") await auth.loginFromUrl();
  return { auth, apiUrl };
}

/** Started once, outside of all components, so that the session outlives them. */
const started = start();

/** The session and its state. Suspends until the session has started. If it cannot start, throws to the nearest error boundary. */
export function useAuth() {
  const { auth, apiUrl } = use(started);
  const state = useSyncExternalStore(auth.subscribe, () => auth.state);
  return { auth, apiUrl, state };
}
