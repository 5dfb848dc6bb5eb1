// What the types promise. Compiled against the packed package; a line that has to be refused says so.
import { AuthError, createAuth, openAuth } from "wristband-spa-auth";
import type { Auth, AuthErrorCode, AuthOptions, AuthState, UserInfo } from "wristband-spa-auth";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(..._: T[]): void => {};

const client = { clientId: "client", redirectUri: "https://app.example/callback" };
const wristband: AuthOptions = { ...client, applicationVanityDomain: "app-org.us.wristband.dev", defaultTenantName: "acme", apis: ["https://api.example/"] as const };
const openId: AuthOptions = { ...client, issuer: "https://provider.example" };
createAuth({ ...openId, vault: "worker", workerUrl: new URL("https://app.example/vault.js"), wasmUrl: "/vault.wasm", linger: 5 });

createAuth({ ...openId, apis: ["https://one.example/", { prefix: "https://two.example/", resource: "urn:two" }], audience: "urn:one" });
// @ts-expect-error An API has a prefix.
createAuth({ ...openId, apis: [{ resource: "urn:two" }] });
// @ts-expect-error Wristband's logout takes no ID token.
createAuth({ ...wristband, idTokenHint: true });

// @ts-expect-error The client has to be named.
createAuth({ issuer: "https://provider.example", redirectUri: "https://app.example/callback" });
// @ts-expect-error So has the provider.
createAuth(client);
// @ts-expect-error There is one provider, not two.
createAuth({ ...client, issuer: "https://provider.example", applicationVanityDomain: "app-org.us.wristband.dev" });
// @ts-expect-error Tenants are Wristband's.
createAuth({ ...client, issuer: "https://provider.example", defaultTenantName: "acme" });
// @ts-expect-error A setting that does not exist is a mistake in writing.
createAuth({ ...wristband, clientSecret: "no" });
// @ts-expect-error There are three locations.
createAuth({ ...wristband, vault: "localStorage" });

interface Claims {
  plan: "free" | "paid";
}

async function use(): Promise<void> {
  const auth = await createAuth<Claims>(wristband);
  holds<Equal<typeof auth, Auth<Claims>>>();
  holds<Equal<Awaited<ReturnType<typeof auth.userInfo>>, UserInfo<Claims>>>();
  const plan = (await auth.userInfo()).customClaims?.plan;
  holds<Equal<typeof plan, "free" | "paid" | undefined>>();
  const plain = await createAuth(openId);
  // Nothing has to be awaited before an app renders.
  holds<Equal<ReturnType<typeof openAuth<Claims>>, Auth<Claims>>>();
  holds<Equal<typeof plain.ready, Promise<void>>>();
  holds<Equal<NonNullable<UserInfo["customClaims"]>, Record<string, unknown>>>();

  // What is known of a state follows from its status.
  const state: AuthState = plain.state;
  switch (state.status) {
    case "loading":
      // @ts-expect-error Nobody is known yet.
      state.userId;
      break;
    case "signed-out":
      holds<Equal<typeof state.reason, "never-signed-in" | "signed-out" | "expired" | "idle">>();
      break;
    case "signed-in":
      holds<Equal<typeof state.userId, string>>();
      holds<Equal<typeof state.renewalError, AuthError | null>>();
      // @ts-expect-error No state holds a token.
      state.accessToken;
      // @ts-expect-error The app only reads.
      state.userId = "somebody else";
      break;
    case "failed":
      holds<Equal<typeof state.error, AuthError>>();
      break;
    default:
      // Every status was named.
      holds<Equal<typeof state, never>>();
  }
  holds<Equal<typeof state.vault, "shared" | "worker" | "page">>();

  // The functions can be taken out, as `useSyncExternalStore` wants them.
  const { subscribe, fetch } = plain;
  const stop: () => void = subscribe(() => {});
  stop();
  const response: Response = await fetch("https://api.example/", { method: "POST", body: new FormData(), signal: AbortSignal.timeout(1) });
  holds<Equal<typeof response, Response>>();
  const like: typeof globalThis.fetch = plain.fetch;
  await like("https://api.example/");

  await plain.login();
  await plain.login({ tenantName: "acme", prompt: "login", maxAge: 0, returnTo: "/invoices" });
  await plain.login({ prompt: "login consent", acrValues: ["gold"], uiLocales: "de", authorizationParams: { connection: "acme" } });
  // @ts-expect-error A parameter is a string or a list of strings.
  await plain.login({ authorizationParams: { connection: 1 } });
  await plain.loginFromUrl();
  const { endsProviderSession } = await plain.logout({ returnTo: "/bye" });
  holds<Equal<typeof endsProviderSession, boolean>>();
  const signIn = plain.lastSignIn;
  holds<Equal<NonNullable<typeof signIn>["error"], AuthError | null>>();
  plain.dispose();
  {
    using _scoped = await createAuth(wristband);
  }

  try {
    await plain.renew();
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    const code: AuthErrorCode = error.code;
    holds<Equal<typeof error.blame, "caller" | "network" | "provider" | "user">>();
    // @ts-expect-error The list of codes is closed.
    if (code === "no_such_code") return;
    if (code === "invalid_grant") await plain.login();
  }
}

void use;
