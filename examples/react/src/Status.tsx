import type { ReactNode } from "react";
import type { AuthState, SignedOut } from "wristband-spa-auth";
import { useAuth } from "./auth";

const REASONS: Record<SignedOut["reason"], string> = {
  "never-signed-in": "Nobody has signed in here yet.",
  "signed-out": "You logged out.",
  expired: "The session has ended.",
};

const HOMES: Record<AuthState["vault"], string> = {
  shared: "The tokens are in a worker that all tabs share.",
  worker: "The tokens are in a worker of this tab.",
  page: "The tokens are in the memory of this page.",
};

/** The state, and the logout button. */
export function Session() {
  const { auth, state } = useAuth();
  switch (state.status) {
    case "loading":
      return <Status status="loading" />;
    case "signed-out":
      return <Status status="signed-out" more={REASONS[state.reason]} />;
    case "failed":
      return <Status status="failed" error={state.error} />;
    case "signed-in":
      return (
        <Status status="signed-in" line={`Signed in to ${state.tenantName ?? "the app"}`} more={HOMES[state.vault]}>
          <button onClick={() => auth.logout()}>Log out</button>
        </Status>
      );
  }
}

const LINES: Record<AuthState["status"], string> = {
  loading: "Finding out…",
  "signed-out": "Signed out",
  failed: "The sign-in failed",
  "signed-in": "Signed in",
};

interface StatusProps {
  status: AuthState["status"];
  line?: string;
  more?: string;
  error?: Error;
  children?: ReactNode;
}

export function Status({ status, line = LINES[status], more, error, children }: StatusProps) {
  return (
    <section className="status" data-status={status}>
      <div>
        <p role="status">{line}</p>
        {more && <small>{more}</small>}
        {error && <p role="alert">{error.message}</p>}
      </div>
      {children}
    </section>
  );
}
