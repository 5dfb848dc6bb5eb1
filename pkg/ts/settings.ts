import { failure } from "./failure.js";

const isLoopback = (host: string): boolean => /^(.*\.)?localhost$|^127\.0\.0\.1$|^\[::1\]$/.test(host);

/** Whether this is an absolute https URL, or an http URL of this machine where that is allowed. Its host may have a placeholder. */
function isProtected(url: unknown, allowsLoopback: unknown): boolean {
  try {
    const { protocol, hostname } = new URL(String(url).replace("{tenant_name}", "tenant"));
    return protocol === "https:" || (protocol === "http:" && !!allowsLoopback && isLoopback(hostname));
  } catch {
    return false;
  }
}

/**
 * Checks the settings that every session needs, so that a mistake in them is found before anybody is told that nobody is signed in. The vault
 * checks all settings, and refuses those that it does not know.
 *
 * @throws AuthError `config_invalid`, which names the setting.
 */
export function checkSettings(settings: Readonly<Record<string, unknown>>): void {
  const { allowInsecureLoopback, applicationVanityDomain, clientId, issuer, redirectUri } = settings;
  const check = (isValid: boolean, detail: string): void => {
    if (!isValid) throw failure("config_invalid", detail);
  };
  check(typeof clientId === "string" && !!clientId, "clientId: a string");
  check(!applicationVanityDomain !== !issuer, "applicationVanityDomain or issuer: exactly one of the two");
  check(isProtected(redirectUri, allowInsecureLoopback), "redirectUri: an absolute https URL");
  check(!issuer || isProtected(issuer, allowInsecureLoopback), "issuer: an absolute https URL");
}
