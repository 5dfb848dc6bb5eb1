import { useAuth } from "wristband-spa-auth/react";

/** The public page. */
export function Home() {
  const { error, isAuthenticated, isLoading, login } = useAuth();
  const logIn = (form: FormData) => login({ tenantName: String(form.get("tenant")) || undefined, returnTo: "/" });
  return (
    <section>
      {error && <p role="alert">{error.message}</p>}
      {!isAuthenticated && !isLoading && (
        <form action={logIn}>
          <label>Tenant name <input name="tenant" placeholder="acme" autoCapitalize="none" /></label> <button>Log in</button>
        </form>
      )}
    </section>
  );
}
