import { createSignal, onMount, Show } from "solid-js";
import { useAuth } from "./auth";

export function LogIn() {
  const { auth } = useAuth();
  const [error, setError] = createSignal<Error>();
  onMount(() => auth.loginFromUrl().catch(setError));
  return <Show when={error()}>{(problem) => <p role="alert">{problem().message}</p>}</Show>;
}
