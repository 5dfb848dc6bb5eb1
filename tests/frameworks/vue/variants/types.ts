// What the types of the binding promise. A line that has to be refused says so.
import { createApp, type ComputedRef, type ShallowRef } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";
import { type Auth, type AuthError, type AuthState, openAuth, type UserInfo } from "wristband-spa-auth";
import { createAuthGuard, createAuthPlugin, RequireAuth, useAuth, useUserInfo } from "wristband-spa-auth/vue";
import { options } from "./settings";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(..._: T[]): void => {};

interface Claims {
  plan: "free" | "paid";
}

// The app's router fits, and so does a session of the app.
const router = createRouter({ history: createMemoryHistory(), routes: [] });
createApp({}).use(createAuthPlugin(options, { router, login: { tenantName: "acme" } }));
createApp({}).use(createAuthPlugin(openAuth<Claims>(options)));
router.beforeEach(createAuthGuard(router));
router.addRoute({ path: "/", component: {}, beforeEnter: createAuthGuard(router) });
// @ts-expect-error A setting that does not exist is a mistake in writing.
createAuthPlugin({ ...options, clientSecret: "no" });

const { auth, error, fetch, isSignedIn, login, state, userInfo } = useAuth<Claims>();
holds<Equal<typeof auth, Auth<Claims>>>();
holds<Equal<typeof error, ComputedRef<AuthError | null>>>();
holds<Equal<typeof isSignedIn, ComputedRef<boolean>>>();
holds<Equal<typeof state.value, AuthState>>();
holds<Equal<Awaited<ReturnType<typeof userInfo>>, UserInfo<Claims>>>();
// @ts-expect-error The app only reads.
state.value = auth.state;
await login({ tenantName: "acme" });
const like: typeof globalThis.fetch = fetch;
await like("/");

const user = useUserInfo<Claims>();
holds<Equal<typeof user.userInfo, Readonly<ShallowRef<UserInfo<Claims> | null>>>>();
const plan = user.userInfo.value?.customClaims?.plan;
holds<Equal<typeof plan, "free" | "paid" | undefined>>();

type Slots = InstanceType<typeof RequireAuth>["$slots"];
holds<Equal<Parameters<NonNullable<Slots["failure"]>>[0]["error"], AuthError | null>>();
