// What the types of the fake promise. Compiled against the packed package; a line that has to be refused says so.
import type { Auth, AuthState, LoginOptions, UserInfo } from "wristband-spa-auth";
import { authError, createFakeAuth, failed, loading, signedIn, signedOut, userInfo } from "wristband-spa-auth/testing";
import type { FakeAuth } from "wristband-spa-auth/testing";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(..._: T[]): void => {};

interface Claims {
  plan: "free" | "paid";
}

// A fake can stand wherever a session can.
const auth = createFakeAuth<Claims>({ state: { status: "signed-in", userId: "ada" }, userInfo: { customClaims: { plan: "paid" } } });
const session: Auth<Claims> = auth;
holds<Equal<typeof auth, FakeAuth<Claims>>>();
holds<Equal<Awaited<ReturnType<typeof session.userInfo>>, UserInfo<Claims>>>();
holds<Equal<(typeof auth.calls.login)[number][0], LoginOptions | undefined>>();

const states: AuthState[] = [loading(), signedOut("expired"), signedIn({ tenantName: "acme" }), failed("access_denied"), failed(authError("network"))];
states.forEach((state) => auth.set(state));
auth.set({ status: "failed", error: authError("timeout") });
auth.lastSignIn = { returnTo: "/", error: null };
auth.failNext("login", "offline");
createFakeAuth({ apis: ["https://one.example/", { prefix: "https://two.example/" }], responses: { "POST https://one.example/": { id: 1 } } });
createFakeAuth({ responses: async (request) => (request.method === "GET" ? new Response() : authError("network")) });
holds<Equal<ReturnType<typeof userInfo<Claims>>, UserInfo<Claims>>>();

// @ts-expect-error A state has a status.
auth.set({ userId: "ada" });
// @ts-expect-error A user who is signed out has no ID.
auth.set({ status: "signed-out", userId: "ada" });
// @ts-expect-error A failure has a reason.
auth.set({ status: "failed" });
// @ts-expect-error The codes are a closed list.
authError("bad_luck");
// @ts-expect-error The claims are those of the app.
createFakeAuth<Claims>({ userInfo: { customClaims: { plan: "gold" } } });
