import type { Finding } from "../diagnose.js";
import { ask, isHtml, jsonOf, type Reply, shown, unanswered } from "./ask.js";
import { failed, passed, unknown } from "./finding.js";
import type { Setup } from "./setup.js";

/** What is known of the provider. */
export interface Provider {
  readonly findings: readonly Finding[];
  /** The metadata. `undefined` if there is none: the checks that need it cannot be made. */
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  /** The response with the metadata, for its date. */
  readonly response?: Response | undefined;
}

const REQUIRED = ["authorization_endpoint", "jwks_uri", "token_endpoint"];

const SHOWS_ORIGIN = (): string => `Add ${location.origin} to the origins that the provider allows for this client (Web origins, Trusted Origins, Allowed Origins).`;

const CORS_OF_METADATA = (): string => `${SHOWS_ORIGIN()} If it cannot be changed, write the metadata down in the app (metadata).`;

/** What the vault knows of a Wristband application without asking it (`ProviderMetadata::wristband` in `src/protocol/metadata.rs`). */
const derived = (application: string): Record<string, unknown> => ({
  authorization_endpoint: `${application}/api/v1/oauth2/authorize`,
  code_challenge_methods_supported: ["S256"],
  issuer: application,
  jwks_uri: `${application}/api/v1/oauth2/jwks`,
  scopes_supported: ["openid", "offline_access", "profile", "email", "phone", "roles"],
  token_endpoint: `${application}/api/v1/oauth2/token`,
});

const written = ({ settings }: Setup): Readonly<Record<string, unknown>> => (settings["metadata"] ?? {}) as Record<string, unknown>;

const isWhole = (setup: Setup): boolean => REQUIRED.every((name) => name in written(setup));

const urlOf = ({ issuer, settings }: Setup): string => String(settings["discoveryUrl"] ?? `${issuer.replace(/\/+$/, "")}/.well-known/openid-configuration`);

/** What is different about two issuers, in words. */
function hint(found: string, given: string): string {
  const bare = (text: string): string => text.replace(/\/+$/, "");
  if (bare(found) === bare(given)) return "They differ in the slash at the end";
  if (found.replace(/^https?:/, "") === given.replace(/^https?:/, "")) return "They differ in http and https";
  if (found.toLowerCase() === given.toLowerCase()) return "They differ in upper and lower case";
  return "They are compared as strings";
}

function issuerFinding({ application, issuer }: Setup, metadata: Readonly<Record<string, unknown>>): Finding {
  const { issuer: found } = metadata;
  if (found === issuer) return passed("issuer", `the provider calls itself ${issuer}`);
  const cause = `the provider calls itself ${String(found)}, but ${application ? "the application vanity domain stands for" : "issuer is"} ${issuer}. ${hint(String(found), issuer)}`;
  return failed("issuer", cause, application
    ? "An active custom domain changes the issuer: set applicationVanityDomain to it, and applicationCustomDomainActive."
    : `Set issuer to ${String(found)}, if that is your provider. Behind a proxy, the provider has to know its public URL.`);
}

/** The metadata of a reply that is not a document of a provider. */
function noMetadata(setup: Setup, reply: Exclude<Reply, { kind: "answered" }> | { kind: "answered"; response: Response; text: string }, url: string): Finding {
  if (reply.kind !== "answered") return unanswered(setup, "discovery", reply, url, CORS_OF_METADATA());
  const { response, text } = reply;
  const what = response.ok && isHtml(response, text) ? "a page instead of metadata" : "no metadata";
  return failed(
    "discovery",
    `${url} is ${what}: it was answered with ${shown(response)}`,
    "Check issuer: with /.well-known/openid-configuration at its end it has to be the provider's metadata (path, realm and tenant included), or set discoveryUrl.",
  );
}

/** The provider's metadata, as far as the vault needs it. */
export async function discover(setup: Setup): Promise<Provider> {
  const { application, violations } = setup;
  if (!application && isWhole(setup)) {
    return { findings: [passed("discovery", "the app has written the metadata down"), passed("issuer", `issuer is ${setup.issuer}`)], metadata: written(setup) };
  }
  const url = urlOf(setup);
  if (!URL.canParse(url)) {
    const findings = [failed("discovery", `${application ? "applicationVanityDomain" : "issuer"} is no URL: ${url}`, "See settings."), unknown("issuer", "there is no metadata", "See discovery.")];
    return { findings, metadata: undefined };
  }
  const reply = await ask(violations, url);
  const found = reply.kind === "answered" && reply.response.ok ? jsonOf(reply.text) : undefined;
  if (application) return ofApplication(application, setup, reply, found);
  if (!found || reply.kind !== "answered") {
    return { findings: [noMetadata(setup, reply, url), unknown("issuer", "there is no metadata to compare issuer with", "See discovery.")], metadata: undefined };
  }
  const findings = [passed("discovery", `${url} is the provider's metadata`), issuerFinding(setup, found)];
  return { findings, metadata: { ...found, ...written(setup) }, response: reply.response };
}

/** A Wristband application, which the vault does not ask for metadata. Its issuer changes with an active custom domain. */
function ofApplication(application: string, setup: Setup, reply: Reply, found: Record<string, unknown> | undefined): Provider {
  const metadata = derived(application);
  const url = urlOf(setup);
  if (found && reply.kind === "answered") {
    return { findings: [passed("discovery", `${url} is the application's metadata`), issuerFinding(setup, found)], metadata, response: reply.response };
  }
  const isThere = reply.kind === "cors" || reply.kind === "blocked";
  const remedy = "Set applicationVanityDomain to the domain of the application, without a tenant and without https://.";
  const discovery = isThere
    ? unknown("discovery", `this origin may not read ${url}`, "Nothing: for a Wristband application the vault does not need it.")
    : reply.kind === "answered" ? failed("discovery", `${url} was answered with ${shown(reply.response)}: this is no application vanity domain`, remedy) : unanswered(setup, "discovery", reply, url, remedy);
  return { findings: [discovery, unknown("issuer", "the application's issuer could not be read", "See discovery.")], metadata: isThere ? metadata : undefined };
}

/** A URL as the vault accepts it for an endpoint. */
function isUsable(value: unknown, allowsLoopback: unknown): boolean {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  const { hash, hostname, protocol } = new URL(value);
  return !hash && (protocol === "https:" || (!!allowsLoopback && protocol === "http:" && /^(.*\.)?localhost$|^127\.0\.0\.1$|^\[::1\]$/.test(hostname)));
}

export function endpoints({ settings }: Setup, metadata: Readonly<Record<string, unknown>>): Finding {
  const unusable = REQUIRED.filter((name) => !isUsable(metadata[name], settings["allowInsecureLoopback"]));
  if (unusable.length) {
    const found = unusable.map((name) => `${name} is ${metadata[name] === undefined ? "missing" : String(metadata[name])}`).join(", ");
    return failed("endpoints", `the metadata cannot be used: ${found}`, "The endpoints have to be https URLs. Behind a proxy, the provider has to know its public URL. Or write them down (metadata).");
  }
  const types = metadata["response_types_supported"];
  if (Array.isArray(types) && !types.includes("code")) {
    return failed("endpoints", `the provider offers no authorization code flow (response_types_supported: ${types.join(", ")})`, "Allow the response type code.");
  }
  return passed("endpoints", "the endpoints can be used");
}

export function pkce(metadata: Readonly<Record<string, unknown>>): Finding {
  const methods = metadata["code_challenge_methods_supported"];
  if (!Array.isArray(methods)) return unknown("pkce", "the provider does not say whether it checks PKCE", "Nothing: the challenge is sent anyway. Require S256 for this client.");
  if (methods.includes("S256")) return passed("pkce", "the provider supports PKCE with S256");
  return failed("pkce", `the provider supports PKCE, but not with S256 (code_challenge_methods_supported: ${methods.join(", ")})`, "Allow S256 for this client.");
}

export function scopes({ scopes: asked }: Setup, metadata: Readonly<Record<string, unknown>>): Finding {
  if (!asked.includes("openid")) return failed("scopes", `scopes lacks openid: ${asked.join(" ")}`, 'Add "openid": without it there is no ID token.');
  const supported = metadata["scopes_supported"];
  if (!Array.isArray(supported)) return passed("scopes", `scopes contains openid. The provider does not list its scopes`);
  const others = asked.filter((scope) => !supported.includes(scope));
  if (!others.length) return passed("scopes", `the provider supports ${asked.join(" ")}`);
  const remedy = others.includes("offline_access")
    ? "offline_access is left out for this provider. If it gives no refresh token without it, the session ends with its access token: allow refresh tokens for the client."
    : "Providers need not list every scope. If the login fails with invalid_scope, remove them, or define them at the provider.";
  return unknown("scopes", `the provider does not list ${others.join(", ")} (scopes_supported)`, remedy);
}

/** Whether a logout can end the provider's session. `obstacle` is what is wrong with the page after it. */
export function logout({ application, settings }: Setup, metadata: Readonly<Record<string, unknown>> | undefined, obstacle: Finding | undefined): Finding {
  if (obstacle) return obstacle;
  if (application) return passed("logout", "a logout ends the session at Wristband");
  if (settings["logoutUrl"]) return passed("logout", "a logout goes to logoutUrl");
  if (!metadata) return unknown("logout", "there is no metadata", "See discovery.");
  if (isUsable(metadata["end_session_endpoint"], settings["allowInsecureLoopback"])) return passed("logout", "a logout ends the provider's session (end_session_endpoint)");
  return failed(
    "logout",
    "the provider names no URL that ends its session (end_session_endpoint): after a logout, the next login asks for no password",
    "Set logoutUrl if the provider has one. Otherwise give the next login a prompt.",
  );
}

/** Whether a key can check the signatures of ID tokens, as `src/protocol/jwks.rs` has it. */
function isUsableKey(key: unknown): boolean {
  const { crv, kty, n, use } = (key ?? {}) as Record<string, unknown>;
  if (use !== undefined && use !== "sig") return false;
  if (kty === "RSA") return typeof n === "string" && n.length >= 342;
  return (kty === "EC" && /^P-(256|384|521)$/.test(String(crv))) || (kty === "OKP" && crv === "Ed25519");
}

const ALGORITHMS = /^(Ed25519|EdDSA|[EPR]S(256|384|512))$/;

export async function keys(setup: Setup, metadata: Readonly<Record<string, unknown>>): Promise<Finding> {
  const url = String(metadata["jwks_uri"]);
  const listed = metadata["id_token_signing_alg_values_supported"];
  const remedy = "Have the provider sign ID tokens with RS256, or another asymmetric algorithm.";
  if (Array.isArray(listed) && !listed.some((name) => ALGORITHMS.test(String(name)))) {
    return failed("keys", `the provider signs ID tokens only with ${listed.join(", ")}, which a public client cannot check`, remedy);
  }
  const reply = await ask(setup.violations, url);
  if (reply.kind !== "answered") return unanswered(setup, "keys", reply, url, SHOWS_ORIGIN());
  const found = reply.response.ok ? jsonOf(reply.text)?.["keys"] : undefined;
  if (!Array.isArray(found)) return failed("keys", `${url} is no key set: it was answered with ${shown(reply.response)}`, "Check jwks_uri in the provider's metadata.");
  const usable = found.filter(isUsableKey).length;
  if (usable) return passed("keys", `${usable} of ${found.length} keys can check signatures`);
  return failed("keys", `none of the ${found.length} keys of ${url} can check a signature (an RSA key needs 2048 bits)`, remedy);
}

/** An answer of the token endpoint to a code that nobody issued. */
function refusal(setup: Setup, response: Response, text: string, url: string): Finding {
  const { error, error_description: description = "" } = jsonOf(text) ?? {};
  const clientId = String(setup.settings["clientId"]);
  const said = `${String(error)}${description ? `: ${String(description)}` : ""}`;
  if (typeof error !== "string") {
    return failed("token-endpoint", `${url} does not answer as a token endpoint does: ${shown(response)}`, "Check token_endpoint in the provider's metadata, and proxies on the way.");
  }
  if (/^(invalid|unauthorized)_client$|^unsupported_grant_type$/.test(error) || /Single-Page Application/.test(String(description))) {
    return failed(
      "token-endpoint",
      `the provider refuses the client ${clientId} (${said})`,
      "Check clientId. The client has to be a public one, without a secret (single-page app, authentication method none), with the authorization code grant.",
    );
  }
  return passed("token-endpoint", `${url} answers this origin, and knows the client`);
}

/** Whether the token endpoint answers this origin, and knows the client: it refuses a code that nobody issued. */
export async function tokenEndpoint(setup: Setup, metadata: Readonly<Record<string, unknown>>): Promise<Finding> {
  const url = String(metadata["token_endpoint"]);
  const { clientId, redirectUri } = setup.settings;
  const body = new URLSearchParams({
    client_id: String(clientId),
    code: "diagnose",
    code_verifier: "diagnose".repeat(6),
    grant_type: "authorization_code",
    redirect_uri: String(redirectUri),
  });
  const reply = await ask(setup.violations, url, { body, method: "POST" });
  return reply.kind === "answered" ? refusal(setup, reply.response, reply.text, url) : unanswered(setup, "token-endpoint", reply, url, SHOWS_ORIGIN());
}
