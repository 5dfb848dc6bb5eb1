import { createRootRoute, createRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { openAuth } from "wristband-spa-auth";
import { AuthProvider, RequireAuth } from "wristband-spa-auth/react";
import { Account } from "./Account";
import { Home } from "./Home";
import { Layout } from "./Layout";
import { options } from "./settings";

/** Started once, outside of all components: loaders can use it too. After a login, the router goes to the page where it started. */
const auth = openAuth({ ...options, navigate: (path) => router.history.replace(path) });

const root = createRootRoute({ component: Layout });
const getParentRoute = () => root;

const router = createRouter({
  routeTree: root.addChildren([
    createRoute({ getParentRoute, path: "/", component: Home }),
    createRoute({ getParentRoute, path: "/account", component: () => <RequireAuth fallback="One moment…"><Account /></RequireAuth> }),
    // Shown until the sign-in has ended, and if the callback belongs to no login.
    createRoute({ getParentRoute, path: "/callback", component: Home }),
    // The application's login URL: Wristband redirects users here so that the app starts their login.
    createRoute({ getParentRoute, path: "/login", loader: () => auth.loginFromUrl() }),
  ]),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <AuthProvider auth={auth}>
      <RouterProvider router={router} />
    </AuthProvider>
  </StrictMode>,
);
