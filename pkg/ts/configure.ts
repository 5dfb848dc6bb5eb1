import { FAILURES } from "./failures.js";
import { AuthError, type AuthErrorCode, type WristbandOptions } from "./index.js";

/** The options that a Wristband application can fill in. */
type FilledIn =
  | "applicationAuthorization"
  | "applicationCustomDomainActive"
  | "applicationLoginPage"
  | "loginUrl"
  | "redirectUri"
  | "tenantFromRootDomain";

/** The options of an app that leaves some to its Wristband application. */
export type PartialWristbandOptions = Omit<WristbandOptions, FilledIn> & Partial<Pick<WristbandOptions, FilledIn>>;

/** The application's member for each of these options. */
const NAMES: Readonly<Record<FilledIn, string>> = {
  applicationAuthorization: "applicationAuthorizationRequestsEnabled",
  applicationCustomDomainActive: "isApplicationCustomDomainActive",
  applicationLoginPage: "customApplicationLoginPageUrl",
  loginUrl: "loginUrl",
  redirectUri: "redirectUri",
  tenantFromRootDomain: "loginUrlTenantDomainSuffix",
};

/** As Wristband's SDKs do it: three attempts, a moment apart. */
const ATTEMPTS = 3;
const PAUSE = 100;
const TIMEOUT = 5_000;

function error(code: AuthErrorCode & keyof typeof FAILURES, detail: string): AuthError {
  const { blame, retryable, sentence } = FAILURES[code];
  return new AuthError({ code, blame, retryable, detail, message: `${blame}: ${sentence}: ${detail} (${code})` });
}

async function fetchConfiguration(url: string): Promise<Record<string, unknown>> {
  let reason: unknown;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const response = await fetch(url, { credentials: "omit", signal: AbortSignal.timeout(TIMEOUT) });
      if (response.ok) return (await response.json()) as Record<string, unknown>;
      reason = `status ${response.status}`;
      if (response.status < 500) break;
    } catch (thrown) {
      reason = thrown;
    }
    if (attempt < ATTEMPTS) await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  throw error("network", `${url}: ${String(reason)}. Set redirectUri and loginUrl in the app, if the application does not allow this request (CORS)`);
}

/**
 * Fills in the options that a Wristband application knows itself, from its SDK configuration: the redirect URI, the login URL, the login page,
 * and how tenants' domains are made. Options that the app sets stay as they are; where the application says otherwise, a warning names it.
 *
 * The page makes one request to the application vanity domain, which the document's Content-Security-Policy has to allow (`connect-src`).
 *
 * @returns The options for `createAuth`.
 * @throws AuthError `network` if the application cannot be asked; `config_invalid` if neither it nor the app has one redirect URI.
 */
export async function configure(options: PartialWristbandOptions): Promise<WristbandOptions> {
  const { allowInsecureLoopback, applicationVanityDomain, clientId } = options;
  const isLocal = allowInsecureLoopback && /(^|\.)localhost(:|$)|^127\.0\.0\.1(:|$)/.test(applicationVanityDomain);
  const origin = `${isLocal ? "http" : "https"}://${applicationVanityDomain}`;
  const configuration = await fetchConfiguration(`${origin}/api/v1/clients/${encodeURIComponent(clientId)}/sdk-configuration`);
  const filled: Record<string, unknown> = { ...options };
  for (const [name, member] of Object.entries(NAMES)) {
    const known = configuration[member] ?? undefined;
    const given = filled[name] ?? undefined;
    if (given === undefined && known !== undefined) filled[name] = known;
    else if (known !== undefined && given !== known) {
      console.warn(`wristband-spa-auth: ${name} is ${String(given)} in the app, and ${String(known)} in the Wristband application`);
    }
  }
  if (!filled["redirectUri"]) throw error("config_invalid", "redirectUri: the client has none or several, so the app has to choose one");
  return filled as unknown as WristbandOptions;
}
