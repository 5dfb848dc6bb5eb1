// The routes of the example in React Router's declarative mode, which has no router to call: it follows the URL.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter, Route, Routes } from "react-router";
import { AuthProvider, RequireAuth } from "wristband-spa-auth/react";
import { Account } from "./Account";
import { Home } from "./Home";
import { Layout } from "./Layout";
import { LoginRoute } from "./LoginRoute";
import { options } from "./settings";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <AuthProvider options={options}>
      <BrowserRouter>
        <Routes>
          <Route element={<Layout />}>
            <Route path="/account" element={<RequireAuth><Account /></RequireAuth>} />
            <Route path="/login" element={<LoginRoute />} />
            <Route path="*" element={<Home />} />
          </Route>
        </Routes>
      </BrowserRouter>
    </AuthProvider>
  </StrictMode>,
);
