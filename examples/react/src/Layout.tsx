import { NavLink, Outlet } from "react-router";
import { Status } from "./Status";

export function Layout() {
  return (
    <>
      <header>
        <h1>Sign-in with React</h1>
        <nav>
          <NavLink to="/" end>Home</NavLink>
          <NavLink to="/account">Account</NavLink>
        </nav>
      </header>
      <main>
        <Status />
        <Outlet />
      </main>
    </>
  );
}
