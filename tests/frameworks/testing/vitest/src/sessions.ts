import { authError, createFakeAuth, failed } from "wristband-spa-auth/testing";

interface Claims {
  plan: "free" | "paid";
}

export const auth = createFakeAuth<Claims>({
  state: { status: "signed-in", userId: "ada", tenantName: "acme" },
  apis: ["https://api.example/v1/"],
  responses: {
    "https://api.example/v1/me": { name: "Ada" },
    "POST https://api.example/v1/invoices": () => new Response(null, { status: 201 }),
    "https://api.example/v1/reports": authError("network"),
  },
  userInfo: { email: "ada@acme.example", customClaims: { plan: "paid" } },
});

/** The session ends, and a login fails. */
export async function end(): Promise<void> {
  auth.set({ status: "signed-out", reason: "expired" });
  auth.failNext("login", "offline");
  await auth.login({ tenantName: "acme" }).catch(() => auth.set(failed("offline")));
  console.log(auth.calls.login); // [[{ tenantName: "acme" }]]
}
