import { A } from "@solidjs/router";
import { createSignal, Show } from "solid-js";
import { useAuth } from "./auth";

export function Home() {
  const { auth, state } = useAuth();
  const [tenantName, setTenantName] = createSignal("");
  const [error, setError] = createSignal<Error>();
  const logIn = (event: SubmitEvent) => {
    event.preventDefault();
    // Without a tenant, Wristband's own page asks for it.
    auth.login({ tenantName: tenantName() || undefined, returnTo: "/account" }).catch(setError);
  };
  return (
    <section>
      <h2>Open to everyone</h2>
      <p>Your <A href="/account">account</A> is for people who are signed in. Reload either page: the session stays.</p>
      <Show when={state().status === "signed-out"}>
        <form onSubmit={logIn}>
          <label>Tenant name <input onInput={(event) => setTenantName(event.target.value)} placeholder="acme" autocapitalize="none" /></label>
          <button class="primary">Log in</button>
        </form>
      </Show>
      <Show when={error()}>{(problem) => <p role="alert">{problem().message}</p>}</Show>
    </section>
  );
}
