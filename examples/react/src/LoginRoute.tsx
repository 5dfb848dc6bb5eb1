import { useEffect, useState } from "react";
import { useAuth } from "wristband-spa-auth/react";

/** The application's login URL: Wristband redirects users here so that the app starts their login. */
export function LoginRoute() {
  const { loginFromUrl } = useAuth();
  const [error, setError] = useState<Error>();
  useEffect(() => {
    // React's strict mode runs effects twice, and one login is enough.
    const timer = setTimeout(() => loginFromUrl().catch(setError));
    return () => clearTimeout(timer);
  }, [loginFromUrl]);
  return error && <p role="alert">{error.message}</p>;
}
