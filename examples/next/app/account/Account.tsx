"use client";

import { useActionState } from "react";
import { useAuth, useUserInfo } from "wristband-spa-auth/react";
import { useApiUrl } from "../Session";

/** What only signed-in users see. */
export function Account() {
  return <><UserInfo /><Api /></>;
}

function UserInfo() {
  const { data: user, error } = useUserInfo();
  return (
    <section aria-labelledby="user-info">
      <h2 id="user-info">User info</h2>
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
  const { fetch } = useAuth();
  const apiUrl = useApiUrl();
  const [answer, call, isPending] = useActionState(async () => {
    try {
      // The worker adds the access token.
      const response = await fetch(apiUrl);
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
