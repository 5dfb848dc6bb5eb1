import type { AuthState, SignedOut } from "wristband-spa-auth";
import { useAuth } from "wristband-spa-auth/react";

const REASONS: Record<SignedOut["reason"], string> = {
  "never-signed-in": "Nobody has signed in here yet.",
  "signed-out": "You logged out.",
  expired: "The session has ended.",
  idle: "Nobody used the app for a while.",
};

const VAULTS: Record<AuthState["vault"], string> = {
  shared: "The tokens are in a worker that all tabs share.",
  worker: "The tokens are in a worker of this tab.",
  page: "The tokens are in the memory of this page.",
};

/** The state of the session, and the button that ends it. */
export function Status() {
  const { state, logout } = useAuth();
  const [line, more] = describe(state);
  return (
    <section className="status" data-status={state.status}>
      <div>
        <p role="status">{line}</p>
        <small>{more}</small>
      </div>
      {state.status === "signed-in" && <button onClick={() => logout()}>Log out</button>}
    </section>
  );
}

function describe(state: AuthState): [line: string, more?: string] {
  switch (state.status) {
    case "loading":
      return ["Finding out…"];
    case "signed-out":
      return ["Signed out", REASONS[state.reason]];
    case "failed":
      return ["The sign-in failed"];
    case "signed-in":
      return [`Signed in to ${state.tenantName ?? "the app"}`, VAULTS[state.vault]];
  }
}
