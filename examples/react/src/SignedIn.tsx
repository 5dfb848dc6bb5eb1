import { type ReactNode, useActionState } from "react";
import { useAuth } from "./auth";

/** A protected part of the app: a user who is not signed in is asked to log in, and returns to this URL. */
export function SignedIn({ children }: { children: ReactNode }) {
  const { state } = useAuth();
  if (state.status === "loading") return null;
  return state.status === "signed-in" ? children : <LogIn />;
}

function LogIn() {
  const { auth } = useAuth();
  const [error, logIn, isPending] = useActionState(async (_: Error | undefined, form: FormData) => {
    // Without a tenant, Wristband's own page asks for it.
    const tenantName = String(form.get("tenant")) || undefined;
    try {
      await auth.login({ tenantName });
    } catch (error) {
      return error as Error;
    }
  }, undefined);
  return (
    <section>
      <h2>Log in to go on</h2>
      <form action={logIn}>
        <label>Tenant name <input name="tenant" placeholder="acme" autoCapitalize="none" /></label>
        <button className="primary" disabled={isPending}>Log in</button>
      </form>
      {error && <p role="alert">{error.message}</p>}
    </section>
  );
}
