import { useActionState, useEffect, useState } from "react";
import type { UserInfo } from "wristband-spa-auth";
import { useAuth } from "./auth";

export function Account() {
  return <><Person /><Api /></>;
}

function Person() {
  const { auth } = useAuth();
  const [user, setUser] = useState<UserInfo>();
  const [error, setError] = useState<Error>();
  useEffect(() => {
    auth.userInfo().then(setUser, setError);
  }, [auth]);
  return (
    <section aria-labelledby="person">
      <h2 id="person">User info</h2>
      {error && <p role="alert">{error.message}</p>}
      {user && (
        <dl>
          <dt>Name</dt><dd>{user.fullName ?? user.userId}</dd>
          <dt>Email</dt><dd>{user.email ?? "–"}</dd>
          <dt>Roles</dt><dd>{user.roles.map(({ name }) => name).join(", ") || "–"}</dd>
        </dl>
      )}
    </section>
  );
}

function Api() {
  const { auth, apiUrl } = useAuth();
  const [answer, call, isPending] = useActionState(async () => {
    try {
      // The worker adds the access token.
      const response = await auth.fetch(apiUrl);
      return JSON.stringify(await response.json(), null, 2);
    } catch (error) {
      return (error as Error).message;
    }
  }, undefined);
  return (
    <section aria-labelledby="api">
      <h2 id="api">API</h2>
      <form action={call}><button disabled={isPending}>Call API</button></form>
      {answer && <pre>{answer}</pre>}
    </section>
  );
}
