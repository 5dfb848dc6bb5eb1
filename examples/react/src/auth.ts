import { use, useSyncExternalStore } from "react";
import { type AuthOptions, createAuth } from "wristband-spa-auth";

/** One build serves every environment: its settings are a file beside the page. */
type Settings = AuthOptions & { apiUrl: string };

async function start() {
  const { apiUrl, ...options }: Settings = await (await fetch("/config.json")).json();
  const auth = await createAuth(options);
  // The application's login URL: Wristband itself sends people here to have their login begun.
  if (location.pathname === "/login") await auth.loginFromUrl();
  return { auth, apiUrl };
}

/** Started once, outside of all components: the session outlives each of them. */
const started = start();

/** The session, and its state. Waits in the nearest `Suspense`; what cannot start is thrown to the nearest error boundary. */
export function useAuth() {
  const { auth, apiUrl } = use(started);
  const state = useSyncExternalStore(auth.subscribe, () => auth.state);
  return { auth, apiUrl, state };
}
