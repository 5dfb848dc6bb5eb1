import { useState } from "react";
import { AuthError } from "wristband-spa-auth";
import { useAuth } from "./session";

interface Invoice {
  id: string;
  amount: number;
}

const reasons = { "never-signed-in": "Welcome.", "signed-out": "You have signed out.", expired: "Your session has ended.", idle: "Nobody was here for a while." };

export function Account() {
  const { auth, state } = useAuth();
  const [invoices, setInvoices] = useState<Invoice[]>([]);
  const [problem, setProblem] = useState("");

  async function load(): Promise<void> {
    try {
      const response = await auth.fetch("https://api.example/v1/invoices");
      setInvoices(await response.json());
    } catch (error) {
      setProblem(error instanceof AuthError && error.retryable ? "Try again later." : String(error));
    }
  }

  switch (state.status) {
    case "loading":
      return <p>Loading</p>;
    case "failed":
      return <p role="alert">{state.error.code}</p>;
    case "signed-out":
      return (
        <>
          <p>{reasons[state.reason]}</p>
          <button onClick={() => auth.login({ tenantName: "acme" })}>Log in</button>
        </>
      );
    case "signed-in":
      return (
        <>
          <p>Signed in as {state.userId}</p>
          <button onClick={load}>Invoices</button>
          {invoices.map(({ id, amount }) => <p key={id}>{`${id}: ${amount}`}</p>)}
          {problem && <p role="alert">{problem}</p>}
        </>
      );
  }
}
