import type { CheckName, Finding } from "../diagnose.js";
import { failed, unknown } from "./finding.js";
import type { Violations } from "./policy.js";
import type { Setup } from "./setup.js";

/** Milliseconds after which a request is given up. */
const TIMEOUT = 5_000;

/** What became of a request. */
export type Reply =
  | { readonly kind: "answered"; readonly response: Response; readonly text: string }
  /** The document's own policy does not let the page ask. */
  | { readonly kind: "blocked"; readonly directive: string }
  /** A server is there, but this origin may not read its answer. */
  | { readonly kind: "cors" }
  | { readonly kind: "late" }
  /** The answer is a redirect, which leads to something that this origin may not read. */
  | { readonly kind: "redirected" }
  | { readonly kind: "unreachable" };

const request = (url: string, init?: RequestInit): Promise<Response> =>
  fetch(url, { cache: "no-store", credentials: "omit", ...init, signal: AbortSignal.timeout(TIMEOUT) });

const isTimeout = (error: unknown): boolean => (error as { name?: unknown } | null)?.name === "TimeoutError";

const isRedirect = (url: string, init?: RequestInit): Promise<boolean> =>
  request(url, { ...init, redirect: "manual" }).then(({ type }) => type === "opaqueredirect", () => false);

/** Makes a request as the vault would: without cookies. Finds out why if there is no answer. */
export async function ask(violations: Violations, url: string, init?: RequestInit): Promise<Reply> {
  try {
    const response = await request(url, init);
    return { kind: "answered", response, text: await response.text() };
  } catch (error) {
    if (isTimeout(error)) return { kind: "late" };
  }
  const directive = await violations.directive(url);
  if (directive) return { kind: "blocked", directive };
  if (await isRedirect(url, init)) return { kind: "redirected" };
  try {
    // The page sees nothing of this answer, only that there is one.
    await request(url, { mode: "no-cors" });
    return { kind: "cors" };
  } catch (error) {
    return { kind: isTimeout(error) ? "late" : "unreachable" };
  }
}

/** The finding about a request that the document's policy blocks. A vault in a worker has another policy; one in the page cannot ask either. */
function blocked({ source }: Setup, check: CheckName, url: string, directive: string): Finding {
  const cause = `the page may not ask ${url}: the document's Content-Security-Policy blocks it (${directive})`;
  const remedy = `add ${new URL(url).origin} to the document's ${directive}`;
  if (!source.candidates.some((kind) => kind !== "page")) return failed(check, cause, `The vault runs in the page: ${remedy}.`);
  return unknown(check, cause, `Nothing: a vault in a worker has the policy of vault.js (vault-policy). To check it from the page nevertheless, ${remedy}.`);
}

/** The finding about a request without a readable answer. `allow` says how its server lets this origin read it. */
export function unanswered(setup: Setup, check: CheckName, reply: Exclude<Reply, { kind: "answered" }>, url: string, allow: string): Finding {
  const { origin } = location;
  switch (reply.kind) {
    case "blocked":
      return blocked(setup, check, url, reply.directive);
    case "cors":
      return failed(check, `${url} can be reached, but does not let ${origin} read its answer (CORS)`, allow);
    case "redirected":
      return failed(check, `${url} answers with a redirect, to what ${origin} may not read`, "Use the URL at which the redirect ends, and let an API answer with status 401 instead of redirecting to a login page: a token never follows a redirect.");
    case "late":
      return failed(check, `${url} did not answer within ${TIMEOUT / 1_000} s`, "Look at the server, and at proxies and firewalls on the way to it.");
    case "unreachable":
      return failed(
        check,
        navigator.onLine ? `${url} cannot be reached` : `${url} cannot be reached: the device is offline`,
        "Check the name and the port, whether the server runs, and its certificate: open the URL in a tab. Switch off extensions that block requests.",
      );
  }
}

/** Whether a text is a page, as hosts answer with for paths that they do not have. */
export const isHtml = ({ headers }: Response, text: string): boolean => /html/.test(headers.get("content-type") ?? "") || /^\s*<(!doctype|html)/i.test(text);

/** A JSON object. `undefined` for anything else. */
export function jsonOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** What a server sent, for a message. */
export function shown({ status, headers }: Response): string {
  return `status ${status} and type ${headers.get("content-type") ?? "none"}`;
}
