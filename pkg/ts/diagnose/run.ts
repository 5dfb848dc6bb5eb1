import type { CheckName, Finding } from "../diagnose.js";
import { apis } from "./apis.js";
import { clock, postLogout, redirectUri } from "./app.js";
import { application } from "./application.js";
import { ask } from "./ask.js";
import { frame, locks, secureContext, storage } from "./browser.js";
import { failed, settled, unknown } from "./finding.js";
import { discover, endpoints, keys, logout, pkce, scopes, tokenEndpoint } from "./provider.js";
import { type Prepare, type Setup, setupOf, type Source } from "./setup.js";
import { vault } from "./vault.js";

const BROWSER: readonly (readonly [CheckName, () => Promise<readonly Finding[]>])[] = [
  ["secure-context", secureContext],
  ["frame", frame],
  ["storage", storage],
  ["locks", locks],
];

const NEEDS_METADATA: readonly CheckName[] = ["endpoints", "keys", "token-endpoint", "scopes", "pkce"];

/** The checks that read the provider's metadata. */
async function withMetadata(setup: Setup, metadata: Readonly<Record<string, unknown>> | undefined): Promise<Finding[]> {
  if (!metadata) return NEEDS_METADATA.map((check) => unknown(check, "there is no metadata", "See discovery."));
  const usable = endpoints(setup, metadata);
  const asked = usable.ok
    ? await Promise.all([keys(setup, metadata), tokenEndpoint(setup, metadata)])
    : [unknown("keys", "the endpoints cannot be used", "See endpoints."), unknown("token-endpoint", "the endpoints cannot be used", "See endpoints.")];
  return [usable, ...asked, scopes(setup, metadata), pkce(metadata)];
}

/** The provider, the vault that connects to it, and the clock of both: these checks read each other's replies. */
async function ofSession(setup: Setup): Promise<Finding[]> {
  const { source, violations } = setup;
  const [{ findings, metadata, response }, script, page, obstacle] = await Promise.all([
    discover(setup),
    ask(violations, source.url),
    // Without the query, which may have a code.
    ask(violations, location.origin + location.pathname, { method: "HEAD" }),
    postLogout(setup),
  ]);
  const isUsable = metadata && endpoints(setup, metadata).ok;
  const needed = [...(isUsable ? ["jwks_uri", "token_endpoint"] : []).map((name) => String(metadata?.[name])), ...setup.apis];
  const [ofVault, ofProvider] = await Promise.all([vault(setup, script, needed), withMetadata(setup, metadata)]);
  const time = clock(setup, [response, page.kind === "answered" ? page.response : undefined]);
  return [...ofVault, ...findings, ...ofProvider, logout(setup, metadata, obstacle), time];
}

/**
 * Makes all checks. `read` returns what the page's client makes of the options, or throws if it cannot.
 *
 * Never rejects, and ends in about half a minute at the latest.
 */
export async function run(read: () => Source, prepare: Prepare): Promise<Finding[]> {
  if (typeof document === "undefined") return [failed("settings", "there is no page here", "Call diagnose in the browser.")];
  const ended = new AbortController();
  const browser = BROWSER.map(([name, check]) => settled(name, check()));
  const rest = ((): Promise<readonly Finding[]>[] => {
    try {
      const setup = setupOf(read(), prepare, ended.signal);
      return [
        settled("settings", ofSession(setup)),
        settled("application", application(setup)),
        settled("redirect-uri", redirectUri(setup)),
        settled("api", apis(setup)),
      ];
    } catch (error) {
      return [Promise.resolve([failed("settings", `the options cannot be read: ${String(error)}`, "Pass the same options as to createAuth.")])];
    }
  })();
  const found = await Promise.all([...browser, ...rest]);
  ended.abort();
  return found.flat();
}
