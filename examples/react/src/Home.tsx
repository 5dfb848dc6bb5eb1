import { useActionState } from "react";
import { Link } from "react-router";
import { useAuth } from "wristband-spa-auth/react";

/** The public page. */
export function Home() {
  const { state, error } = useAuth();
  return (
    <section>
      <h2>Open to everyone</h2>
      <p>Your <Link to="/account">account</Link> is for people who are signed in. Reload either page: the session stays.</p>
      {error && <p role="alert">{error.message}</p>}
      {(state.status === "signed-out" || state.status === "failed") && <LogIn />}
    </section>
  );
}

function LogIn() {
  const { login } = useAuth();
  const [error, logIn, isPending] = useActionState(async (_: Error | undefined, form: FormData) => {
    // Without a tenant, Wristband's own page asks for it.
    const tenantName = String(form.get("tenant")) || undefined;
    try {
      await login({ tenantName, returnTo: "/" });
    } catch (error) {
      return error as Error;
    }
  }, undefined);
  return (
    <form action={logIn}>
      <label>Tenant name <input name="tenant" placeholder="acme" autoCapitalize="none" /></label>
      <button className="primary" disabled={isPending}>Log in</button>
      {error && <p role="alert">{error.message}</p>}
    </form>
  );
}
