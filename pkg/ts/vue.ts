/**
 * Vue 3: a plugin, composables, a guard for Vue Router and a component.
 *
 * @packageDocumentation
 */
import {
  type App, computed, type ComputedRef, defineComponent, h, inject, type InjectionKey, onBeforeUnmount, onMounted, onScopeDispose, type Plugin,
  type PropType, type ShallowRef, shallowReadonly, shallowRef, type SlotsType, watch,
} from "vue";
import type { Auth, AuthError, AuthOptions, AuthState, LoginOptions, UserInfo } from "./index.js";
import { type Gate, type Obstacle, openGate } from "./gate.js";
import { callsOf, identityOf, leavesToLogIn, sessionOf } from "./session.js";

/** What a guard needs of a route. */
export interface VueRoute {
  readonly fullPath: string;
  readonly meta: Readonly<Record<string, unknown>>;
}

/** What the plugin needs of a router. Vue Router 4 and 5 have it. */
export interface VueRouter {
  readonly options: { readonly history: { readonly base: string } };
  beforeEach(guard: (to: VueRoute) => unknown): () => void;
  replace(path: string): Promise<unknown>;
  resolve(path: string): { readonly href: string };
}

/** The options of {@link createAuthPlugin}. */
export interface AuthPluginOptions {
  /**
   * The app's router. The plugin guards its routes with `meta: { requiresAuth: true }`, and has it show the page to which a sign-in returns, unless
   * the session has a `navigate` of its own.
   */
  router?: VueRouter;
  /** How the guard logs in. Default: to the tenant of the configuration. */
  login?: LoginOptions;
}

/** The session, for components. Its functions can be destructured. */
export interface UseAuth<CustomClaims extends object = Record<string, unknown>>
  extends Pick<Auth<CustomClaims>, "accessToken" | "fetch" | "login" | "loginFromUrl" | "logout" | "renew" | "stay" | "userInfo"> {
  /** The session itself, for everything else. On a server, and if it cannot be opened, its calls reject. */
  readonly auth: Auth<CustomClaims>;
  /** The state. On a server: `loading`. */
  readonly state: Readonly<ShallowRef<AuthState>>;
  readonly isLoading: ComputedRef<boolean>;
  readonly isSignedIn: ComputedRef<boolean>;
  /** Why the sign-in failed, or why there is no vault. `null` unless the status is `failed`. */
  readonly error: ComputedRef<AuthError | null>;
}

/** The result of {@link useUserInfo}. */
export interface UseUserInfo<CustomClaims extends object = Record<string, unknown>> {
  /** `null` until it has been fetched, and if no user is signed in. */
  readonly userInfo: Readonly<ShallowRef<UserInfo<CustomClaims> | null>>;
  /** Why it could not be fetched. */
  readonly error: Readonly<ShallowRef<AuthError | null>>;
  /** Fetches it again. */
  readonly refresh: () => Promise<void>;
}

const KEY: InjectionKey<UseAuth<object>> = Symbol("auth");

/**
 * The plugin: `app.use(createAuthPlugin(options, { router }))`. Opens the session when it is installed, and disposes of it when the app is unmounted.
 *
 * @param source - The options of `createAuth`, or a session that the app has opened itself and keeps.
 */
export function createAuthPlugin<CustomClaims extends object>(
  source: AuthOptions | Auth<CustomClaims>,
  { router, login }: AuthPluginOptions = {},
): Plugin<[]> {
  return {
    install(app: App) {
      const auth = sessionOf(source, router && ((path) => show(router, path)));
      const state = shallowRef(auth.state);
      const stop = auth.subscribe((next) => (state.value = next));
      app.provide(KEY, reactive(auth, state) as UseAuth<object>);
      const unguard = router?.beforeEach((to) => (to.meta["requiresAuth"] ? protect(auth, router, to, login) : undefined));
      app.onUnmount(() => {
        unguard?.();
        stop();
        if (auth !== source) auth.dispose();
      });
    },
  };
}

function reactive<CustomClaims extends object>(auth: Auth<CustomClaims>, state: ShallowRef<AuthState>): UseAuth<CustomClaims> {
  return {
    ...callsOf<CustomClaims>((name) => auth[name]),
    auth,
    state: shallowReadonly(state),
    isLoading: computed(() => state.value.status === "loading"),
    isSignedIn: computed(() => state.value.status === "signed-in"),
    error: computed(() => (state.value.status === "failed" ? state.value.error : null)),
  };
}

/** Has the router show a page of its app. The router's own paths begin after its base. */
function show(router: VueRouter, path: string): void {
  const { base } = router.options.history;
  const isBelow = path.startsWith(base) && /^([/?#]|$)/.test(path.slice(base.length));
  void router.replace(isBelow ? path.slice(base.length).replace(/^\/?/, "/") : path);
}

/** Never fulfilled if the browser leaves: Vue Router would undo the navigation, and with it the way to the provider. */
async function protect(auth: Auth<object>, router: VueRouter, { fullPath }: VueRoute, login?: LoginOptions): Promise<void> {
  if (await leavesToLogIn(auth, router.resolve(fullPath).href, login)) await new Promise(() => {});
}

/**
 * A guard for routes that need a signed-in user, as {@link createAuthPlugin} adds it for `meta: { requiresAuth: true }`: for `beforeEnter`, and for
 * routers that guard by other rules. The plugin must be installed.
 *
 * It waits while the state is `loading`, and logs in if the user is signed out. After a failed sign-in, and if no login can start, it lets the router
 * show the page: {@link RequireAuth} then shows the error and a button.
 */
export function createAuthGuard(router: VueRouter, login?: LoginOptions): (to: VueRoute) => Promise<void> {
  return (to) => protect(useAuth().auth, router, to, login);
}

/**
 * The session of the app: its state as refs, and its functions.
 *
 * @typeParam CustomClaims - The type of `customClaims` in the user info.
 * @throws Error if the plugin is not installed.
 */
export function useAuth<CustomClaims extends object = Record<string, unknown>>(): UseAuth<CustomClaims> {
  const found = inject(KEY, null);
  if (!found) throw new Error("createAuthPlugin is not installed");
  return found as UseAuth<CustomClaims>;
}

/** The user info (OIDC Core §5.3) of the signed-in user, fetched again when the user or the tenant changes. */
export function useUserInfo<CustomClaims extends object = Record<string, unknown>>(): UseUserInfo<CustomClaims> {
  const { auth, state } = useAuth<CustomClaims>();
  const userInfo = shallowRef<UserInfo<CustomClaims> | null>(null);
  const error = shallowRef<AuthError | null>(null);
  /** The number of the last request. The outcome of an older one is not shown. */
  let last = 0;
  const refresh = async (): Promise<void> => {
    const own = ++last;
    try {
      const fetched = await auth.userInfo();
      if (own === last) [userInfo.value, error.value] = [fetched, null];
    } catch (thrown) {
      if (own === last) error.value = thrown as AuthError;
    }
  };
  watch(
    () => identityOf(state.value),
    (identity) => {
      last++;
      userInfo.value = error.value = null;
      if (identity) void refresh();
    },
    { immediate: true },
  );
  onScopeDispose(() => last++);
  return { userInfo: shallowReadonly(userInfo), error: shallowReadonly(error), refresh };
}

/** What the slot `failure` of {@link RequireAuth} is given. */
export interface AuthFailure {
  /** Why no user is signed in. `null` if the user has logged out, here or in another tab. */
  readonly error: AuthError | null;
  /** Starts another login. */
  readonly retry: () => void;
}

/**
 * Renders its default slot while a user is signed in. Otherwise starts a login that returns to the current URL, with query and fragment.
 *
 * After a failed sign-in, and if the user logs out while the page is shown, it starts no login: it shows the slot `failure` and waits for the user.
 * The slot `fallback` is shown while the state is loading, and until the browser has left.
 */
export const RequireAuth = defineComponent({
  name: "RequireAuth",
  props: { login: Object as PropType<LoginOptions> },
  slots: Object as SlotsType<{ default: any; fallback: any; failure: AuthFailure }>,
  setup({ login }, { slots }) {
    const { auth, state } = useAuth();
    const obstacle = shallowRef<Obstacle>();
    let gate: Gate | undefined;
    const retry = (): void => gate?.retry();
    onMounted(() => (gate = openGate(auth, login, (next) => (obstacle.value = next))));
    onBeforeUnmount(() => gate?.close());
    return () => {
      if (state.value.status === "signed-in") return slots.default?.();
      const error = obstacle.value;
      if (error === undefined) return slots.fallback?.();
      if (slots.failure) return slots.failure({ error, retry });
      return h("div", { role: "alert" }, [
        h("p", error?.message ?? "You are signed out."),
        h("button", { type: "button", onClick: retry }, error ? "Try again" : "Log in"),
      ]);
    };
  },
});
