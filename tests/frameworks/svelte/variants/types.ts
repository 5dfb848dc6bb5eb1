// What the types of the binding promise. A line that has to be refused says so.
import { type Auth, type AuthError, type AuthOptions, type AuthState, openAuth, type UserInfo } from "wristband-spa-auth";
import { createAuthGuard, createAuthStore, createUserInfo, getAuth, requireAuth } from "wristband-spa-auth/svelte";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(..._: T[]): void => {};

interface Claims {
  plan: "free" | "paid";
}

export async function use(options: AuthOptions) {
  const store = createAuthStore<Claims>(options);
  createAuthStore(openAuth<Claims>(options));
  // @ts-expect-error A setting that does not exist is a mistake in writing.
  createAuthStore({ ...options, clientSecret: "no" });
  holds<Equal<typeof store.auth, Auth<Claims>>>();
  holds<Equal<typeof store.state, AuthState>>();
  holds<Equal<typeof store.error, AuthError | null>>();
  // @ts-expect-error The app only reads.
  store.state = store.auth.state;
  const like: typeof globalThis.fetch = store.fetch;
  await like("/");
  store.subscribe((state) => holds<Equal<typeof state, AuthState>>())();

  const { current } = createUserInfo(store);
  holds<Equal<typeof current, UserInfo<Claims> | null>>();
  holds<Equal<ReturnType<typeof getAuth<Claims>>["auth"], Auth<Claims>>>();
  const guard = createAuthGuard(store, { tenantName: "acme" });
  holds<Equal<NonNullable<typeof guard.failure>["error"], AuthError | null>>();
  await requireAuth(store, new URL("https://app.example/"), { tenantName: "acme" });
}
