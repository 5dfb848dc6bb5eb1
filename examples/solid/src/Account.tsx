import { createResource, createSignal, Show } from "solid-js";
import { RequireAuth, useAuth } from "./auth";

export function Account(props: { apiUrl: string }) {
  return (
    <RequireAuth
      failure={({ error, retry }) => (
        <section>
          <h2>Log in to go on</h2>
          <Show when={error}>{(problem) => <p>{problem().message}</p>}</Show>
          <button class="primary" onClick={retry}>{error ? "Try again" : "Log in"}</button>
        </section>
      )}
    >
      <Person />
      <Api url={props.apiUrl} />
    </RequireAuth>
  );
}

function Person() {
  const { auth } = useAuth();
  const [user] = createResource(() => auth.userInfo());
  return (
    <section aria-labelledby="person">
      <h2 id="person">User info</h2>
      <Show when={user.state === "errored"}><p role="alert">{user.error.message}</p></Show>
      <Show when={user.state === "ready" && user()}>
        {(info) => (
          <dl>
            <dt>Name</dt><dd>{info().fullName ?? info().userId}</dd>
            <dt>Email</dt><dd>{info().email ?? "–"}</dd>
            <dt>Roles</dt><dd>{info().roles.map(({ name }) => name).join(", ") || "–"}</dd>
          </dl>
        )}
      </Show>
    </section>
  );
}

function Api(props: { url: string }) {
  const { auth } = useAuth();
  const [answer, setAnswer] = createSignal("");
  const [error, setError] = createSignal<Error>();
  const call = async () => {
    try {
      // The worker adds the access token.
      const response = await auth.fetch(props.url);
      setAnswer(JSON.stringify(await response.json(), null, 2));
    } catch (problem) {
      setError(problem as Error);
    }
  };
  return (
    <section aria-labelledby="api">
      <h2 id="api">API</h2>
      <div><button onClick={call}>Call API</button></div>
      <Show when={error()}>{(problem) => <p role="alert">{problem().message}</p>}</Show>
      <Show when={answer()}><pre>{answer()}</pre></Show>
    </section>
  );
}
