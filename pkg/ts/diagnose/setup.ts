import type { Unavailable, VaultLocation, VaultSource } from "../client/location.js";
import type { VaultKind } from "../types.js";
import { Violations } from "./policy.js";

/** Prepares a location of the vault, as the page's client does. The page has one Trusted Types policy for workers, so the client's is used. */
export type Prepare = (kind: VaultKind, source: VaultSource, renames: number) => Promise<VaultLocation>;

/** What the page's client makes of the options. */
export interface Source extends VaultSource {
  /** The kinds of vault to try, best first. */
  readonly candidates: readonly VaultKind[];
}

/** What all checks read. */
export interface Setup {
  readonly prepare: Prepare;
  readonly source: Source;
  /** The settings of the vault. They may be wrong. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly wasmUrl: string;
  /** The origin of the Wristband application. `undefined` for any other provider. */
  readonly application: string | undefined;
  readonly issuer: string;
  /** The prefixes of the APIs. */
  readonly apis: readonly string[];
  readonly scopes: readonly string[];
  readonly violations: Violations;
}

/** As the vault does it (`check_application` in `src/protocol/config/application.rs`). */
function originOf(domain: string, allowsLoopback: unknown): string {
  const isLocal = allowsLoopback && /(^|\.)localhost(:|$)|^127\.0\.0\.1(:|$)/.test(domain);
  return `${isLocal ? "http" : "https"}://${domain}`;
}

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Reads the settings out of the vault's name, which contains all of them. */
export function setupOf(source: Source, prepare: Prepare, signal: AbortSignal): Setup {
  const [, wasmUrl = "", settings = {}] = JSON.parse(source.name) as [string, string?, Record<string, unknown>?];
  const { allowInsecureLoopback, apis, applicationVanityDomain, issuer, scopes } = settings;
  const application = applicationVanityDomain ? originOf(String(applicationVanityDomain), allowInsecureLoopback) : undefined;
  const prefixOf = (api: unknown): string => (typeof api === "string" ? api : String((api as { prefix?: unknown } | null)?.prefix));
  return {
    prepare,
    source,
    settings,
    wasmUrl,
    application,
    issuer: application ?? String(issuer ?? ""),
    apis: listed(apis).map(prefixOf),
    scopes: scopes === undefined ? ["openid", "offline_access", "email"] : listed(scopes).map(String),
    violations: new Violations(signal),
  };
}

/** The reason that the client gives, or the browser's error. */
export const reasonOf = (error: unknown): string => (error as Unavailable | undefined)?.reason ?? String(error);
