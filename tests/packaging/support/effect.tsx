// React as it is often written: the session belongs to a component.
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { type Auth, type AuthState, createAuth } from "wristband-spa-auth";

function App() {
  const [auth, setAuth] = useState<Auth>();
  const [state, setState] = useState<AuthState>();
  useEffect(() => {
    const opened = fetch("/config.json").then((answer) => answer.json()).then(({ apiUrl, ...options }) => createAuth(options));
    opened.then(setAuth);
    return () => void opened.then((auth) => auth.dispose());
  }, []);
  useEffect(() => {
    setState(auth?.state);
    return auth?.subscribe(setState);
  }, [auth]);
  return (
    <>
      <p role="status">{state?.status}</p>
      <button onClick={() => auth?.login({ tenantName: "acme" })}>Log in</button>
    </>
  );
}

createRoot(document.getElementById("root")!).render(<StrictMode><App /></StrictMode>);
