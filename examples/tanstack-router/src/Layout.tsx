import { Link, Outlet } from "@tanstack/react-router";
import { useAuth } from "wristband-spa-auth/react";

export function Layout() {
  const { state, logout } = useAuth();
  return (
    <>
      <nav>
        <Link to="/">Home</Link> <Link to="/account">Account</Link>
      </nav>
      <p role="status">
        {state.status === "loading" && "Finding out…"}
        {state.status === "signed-out" && "Signed out"}
        {state.status === "failed" && "The sign-in failed"}
        {state.status === "signed-in" && `Signed in to ${state.tenantName ?? "the app"}`}
      </p>
      {state.status === "signed-in" && <button onClick={() => logout()}>Log out</button>}
      <Outlet />
    </>
  );
}
