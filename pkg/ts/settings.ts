import { failure } from "./failure.js";

const isLoopback = (host: string): boolean => /^(.*\.)?localhost$|^127\.0\.0\.1$|^\[::1\]$/.test(host);

/** Whether this is an absolute https URL or, where that is allowed, an http URL of a loopback host. The host may have a placeholder. */
function isProtected(url: unknown, allowsLoopback: unknown): boolean {
  try {
    const { protocol, hostname } = new URL(String(url).replace("{tenant_name}", "tenant"));
    return protocol === "https:" || (protocol === "http:" && !!allowsLoopback && isLoopback(hostname));
  } catch {
    return false;
  }
}

/**
 * Checks the settings that every session needs. On a first visit the page answers before the vault does, so it reports a mistake in these
 * itself. The vault checks all settings, and refuses unknown ones.
 *
 * @throws AuthError `config_invalid`. The message names the setting.
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
