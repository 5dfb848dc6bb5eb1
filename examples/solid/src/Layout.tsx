import { A, type RouteSectionProps } from "@solidjs/router";
import { Match, Show, Switch } from "solid-js";
import type { AuthState } from "wristband-spa-auth";
import { useAuth } from "./auth";

const REASONS = {
  "never-signed-in": "Nobody has signed in here yet.",
  "signed-out": "You logged out.",
  expired: "The session has ended.",
  idle: "Nobody used the app for a while.",
};

const HOMES = {
  shared: "The tokens are in a worker that all tabs share.",
  worker: "The tokens are in a worker of this tab.",
  page: "The tokens are in the memory of this page.",
};

function lines(state: AuthState) {
  switch (state.status) {
    case "loading":
      return { line: "Finding out…" };
    case "signed-out":
      return { line: "Signed out", more: REASONS[state.reason] };
    case "failed":
      return { line: "The sign-in failed", error: state.error };
    case "signed-in":
      return { line: `Signed in to ${state.tenantName ?? "the app"}`, more: HOMES[state.vault] };
  }
}

export function Layout(props: RouteSectionProps) {
  const { auth, state } = useAuth();
  return (
    <>
      <header>
        <h1>Sign-in with Solid</h1>
        <nav>
          <A href="/" end>Home</A>
          <A href="/account">Account</A>
        </nav>
      </header>
      <main>
        <section class="status" data-status={state().status}>
          <div>
            <p role="status">{lines(state()).line}</p>
            <Switch>
              <Match when={lines(state()).more}>{(more) => <small>{more()}</small>}</Match>
              <Match when={lines(state()).error}>{(error) => <p role="alert">{error().message}</p>}</Match>
            </Switch>
          </div>
          <Show when={state().status === "signed-in"}>
            <button onClick={() => auth.logout()}>Log out</button>
          </Show>
        </section>
        {props.children}
      </main>
    </>
  );
}
