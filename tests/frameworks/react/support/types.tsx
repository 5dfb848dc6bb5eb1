// What the types promise; a line that has to be refused says so.
import type { Auth, AuthError, AuthOptions, AuthState, UserInfo } from "wristband-spa-auth";
import { AuthProvider, RequireAuth, useAuth, useUserInfo, type AuthFailure, type UseAuth } from "wristband-spa-auth/react";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(..._: T[]): void => {};

interface Claims {
  plan: "free" | "paid";
}

declare const auth: Auth<Claims>;
declare const options: AuthOptions;

export const trees = [
  <AuthProvider auth={auth} />,
  <AuthProvider options={options}>text</AuthProvider>,
  // @ts-expect-error One of the two.
  <AuthProvider />,
  // @ts-expect-error Not both.
  <AuthProvider auth={auth} options={options} />,
  <RequireAuth login={{ tenantName: "acme", prompt: "login" }} fallback={<p />} failure={({ error, retry }) => <button onClick={retry}>{error?.code}</button>}>
    <p />
  </RequireAuth>,
  // @ts-expect-error A login has no such option.
  <RequireAuth login={{ tenant: "acme" }} />,
];

export function Component() {
  const session = useAuth<Claims>();
  holds<Equal<typeof session, UseAuth<Claims>>>();
  holds<Equal<typeof session.state, AuthState>>();
  holds<Equal<typeof session.error, AuthError | null>>();
  holds<Equal<Awaited<ReturnType<typeof session.userInfo>>, UserInfo<Claims>>>();
  if (session.state.status === "signed-in") holds<Equal<typeof session.state.userId, string>>();
  const like: typeof fetch = session.fetch;
  const plain = useUserInfo<Claims>();
  holds<Equal<typeof plain.data, UserInfo<Claims> | undefined>>();
  const suspended = useUserInfo<Claims>({ suspense: true });
  holds<Equal<typeof suspended.data, UserInfo<Claims>>>();
  holds<Equal<NonNullable<typeof suspended.data.customClaims>["plan"], "free" | "paid">>();
  holds<Equal<AuthFailure["error"], AuthError | null>>();
  // @ts-expect-error Nothing here is a token.
  session.token;
  return <button onClick={() => session.login({ tenantName: "acme" })}>{String(like)}</button>;
}
