import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter } from "react-router";
import { RouterProvider } from "react-router/dom";
import { AuthProvider, RequireAuth } from "wristband-spa-auth/react";
import { Account } from "./Account";
import { Home } from "./Home";
import { Layout } from "./Layout";
import { LoginRoute } from "./LoginRoute";
import { options } from "./settings";
import "./style.css";

const router = createBrowserRouter([
  {
    Component: Layout,
    children: [
      { path: "/account", element: <RequireAuth fallback="One moment…"><Account /></RequireAuth> },
      { path: "/login", Component: LoginRoute },
      // The callback too: it is shown until the sign-in has ended, and if it belongs to no login.
      { path: "*", Component: Home },
    ],
  },
]);

/** After a login: to the page where it started. */
const navigate = (path: string) => void router.navigate(path, { replace: true });

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <AuthProvider options={{ ...options, navigate }}>
      <RouterProvider router={router} />
    </AuthProvider>
  </StrictMode>,
);
