"use client";

import { RequireAuth } from "wristband-spa-auth/react";
import { Account } from "./Account";

/** The protected page. */
export default function Page() {
  return <RequireAuth fallback="One moment…"><Account /></RequireAuth>;
}
