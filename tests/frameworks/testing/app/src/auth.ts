import { openAuth } from "wristband-spa-auth";

/** The session of the app. */
export const auth = openAuth({
  applicationVanityDomain: "invotastic-acme.us.wristband.dev",
  clientId: "your-client-id",
  redirectUri: "https://app.example/callback",
  apis: ["https://api.example/v1/"],
});
