import { failure } from "./errors.js";

/** What the vault knows as settings, by type. The vault checks them once more, with everything that they mean; a test compares the names. */
const SETTINGS: Record<string, readonly string[]> = {
  string: [
    "applicationLoginPage",
    "applicationVanityDomain",
    "clientId",
    "defaultTenantCustomDomain",
    "defaultTenantName",
    "issuer",
    "loginUrl",
    "postLogoutUrl",
    "redirectUri",
    "restore",
    "tenantFromRootDomain",
  ],
  number: ["clockTolerance", "linger", "renewalMargin"],
  boolean: ["allowInsecureLoopback", "applicationAuthorization", "applicationCustomDomainActive", "exposeAccessToken"],
  object: ["apis", "scopes"],
};

/** The settings that are URLs of their own. */
const URLS = ["redirectUri", "issuer"];

const isLoopback = (host: string): boolean => /^(localhost|.*\.localhost|127\.0\.0\.1|\[::1\])$/.test(host);

/** Whether a string is an absolute https URL, or an http URL of this machine where that is allowed. A host may have a placeholder. */
function isProtected(text: string, allowsLoopback: unknown): boolean {
  try {
    const { protocol, hostname } = new URL(text.replace("{tenant_name}", "tenant"));
    return protocol === "https:" || (protocol === "http:" && !!allowsLoopback && isLoopback(hostname));
  } catch {
    return false;
  }
}

/**
 * Checks what can be checked without the vault, so that a mistake is found before anybody is told that nobody is signed in.
 *
 * @throws AuthError `config_invalid`, which names the setting.
 */
export function checkSettings(settings: Readonly<Record<string, unknown>>): void {
  const invalid = (detail: string): never => {
    throw failure("config_invalid", detail);
  };
  for (const [name, value] of Object.entries(settings)) {
    if (!SETTINGS[typeof value]?.includes(name)) invalid(`${name}: unknown, or not of the right type`);
  }
  const { allowInsecureLoopback, clientId, applicationVanityDomain, issuer, redirectUri } = settings;
  if (!clientId) invalid("clientId: missing");
  if (!applicationVanityDomain === !issuer) invalid("applicationVanityDomain or issuer: exactly one of the two");
  if (!redirectUri) invalid("redirectUri: missing");
  for (const name of URLS) {
    const url = settings[name];
    if (typeof url === "string" && !isProtected(url, allowInsecureLoopback)) invalid(`${name}: not an absolute https URL`);
  }
}
