/**
 * Finds out what is wrong with a set-up: the browser, the files of the vault, the provider, the APIs and the settings. Nothing loads this unless
 * it is imported.
 *
 * @packageDocumentation
 */
import { print, run } from "./checks.js";
import type { Prepare, Source } from "./diagnose/setup.js";
import { type AuthOptions, internals } from "./index.js";

/** The checks, in the order of a report. The documentation has a section for each. */
export type CheckName =
  | "secure-context"
  | "frame"
  | "storage"
  | "locks"
  | "settings"
  | "vault-script"
  | "vault-module"
  | "vault-policy"
  | "shared-worker"
  | "worker"
  | "vault-in-page"
  | "discovery"
  | "issuer"
  | "endpoints"
  | "keys"
  | "token-endpoint"
  | "scopes"
  | "pkce"
  | "logout"
  | "clock"
  | "application"
  | "redirect-uri"
  | "api";

/** The result of one check. */
export interface Finding {
  readonly check: CheckName;
  /** `true`: nothing is wrong. `false`: something is. `null`: a page cannot find out, or not before another check passes. */
  readonly ok: boolean | null;
  /** What was found, in one sentence. */
  readonly cause: string;
  /** What to do. Empty if nothing is wrong. */
  readonly remedy: string;
  /** The section of the documentation about this check: a path in the repository, with an anchor. */
  readonly link: string;
}

/** The results of all checks. There is one `api` for each entry of `apis`, and `application` for Wristband applications only. */
export type Report = readonly Finding[];

/** What {@link printReport} needs of a console. */
export type Output = Pick<Console, "group" | "groupCollapsed" | "groupEnd" | "info" | "warn">;

/**
 * Checks a set-up, also when `createAuth` failed. Pass the same options. The checks run in parallel, and end in about half a minute at the latest.
 *
 * It asks the app's host for `vault.js`, `vault.wasm` and the pages of `redirectUri` and `postLogoutUrl`, the provider for its metadata and keys,
 * the token endpoint for a code that nobody issued, and each API for its prefix with a token that is none. These refuse, and the browser
 * writes that to the console. It sends no token, starts no login, and leaves the app's session alone.
 *
 * @returns The report. The promise never rejects.
 */
export async function diagnose(options: AuthOptions): Promise<Report> {
  const { prepare, sourceOf } = internals as { prepare: Prepare; sourceOf: (given: AuthOptions) => Source };
  return run(() => sourceOf(options), prepare);
}

/**
 * Writes a report to the console: what failed first, then what could not be known, then the rest, folded.
 *
 * @param output - Where to write. Default: the console.
 */
export function printReport(report: Report, output: Output = console): void {
  print(report, output);
}
