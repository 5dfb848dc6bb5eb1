"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { createContext, type ReactNode, useContext } from "react";
import type { AuthOptions } from "wristband-spa-auth";
import { AuthProvider, useAuth } from "wristband-spa-auth/react";

export type Settings = AuthOptions & { apiUrl: string };

const ApiUrl = createContext("");

export const useApiUrl = () => useContext(ApiUrl);

/** The session starts in the browser. Next follows no URL that others write: it needs `navigate`. */
export function Session({ settings, children }: { settings: Settings; children: ReactNode }) {
  const router = useRouter();
  const { apiUrl, ...options } = settings;
  return (
    <AuthProvider options={{ ...options, navigate: (path) => router.replace(path) }}>
      <ApiUrl value={apiUrl}>
        <nav>
          <Link href="/">Home</Link> <Link href="/account">Account</Link>
        </nav>
        <Status />
        {children}
      </ApiUrl>
    </AuthProvider>
  );
}

function Status() {
  const { state, logout } = useAuth();
  return (
    <>
      <p role="status">
        {state.status === "loading" && "Finding out…"}
        {state.status === "signed-out" && "Signed out"}
        {state.status === "failed" && "The sign-in failed"}
        {state.status === "signed-in" && `Signed in to ${state.tenantName ?? "the app"}`}
      </p>
      {state.status === "signed-in" && <button onClick={() => logout()}>Log out</button>}
    </>
  );
}
