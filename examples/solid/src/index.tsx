import { Route, Router } from "@solidjs/router";
import { render } from "solid-js/web";
import type { AuthOptions } from "wristband-spa-auth";
import { Account } from "./Account";
import { AuthProvider } from "./auth";
import { Home } from "./Home";
import { Layout } from "./Layout";
import { LogIn } from "./LogIn";
import "./style.css";

/** One build serves every environment: its settings are in a file next to the page. */
const { apiUrl, ...options }: AuthOptions & { apiUrl: string } = await (await fetch("/config.json")).json();

render(
  () => (
    <AuthProvider options={options}>
      <Router root={Layout}>
        <Route path="/account" component={() => <Account apiUrl={apiUrl} />} />
        {/* The application's login URL: Wristband redirects users here so that the app starts their login. */}
        <Route path="/login" component={LogIn} />
        <Route path="*" component={Home} />
      </Router>
    </AuthProvider>
  ),
  document.getElementById("root")!,
);
