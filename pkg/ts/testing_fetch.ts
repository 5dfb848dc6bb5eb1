import type { ApiOptions } from "./index.js";
import { authError } from "./testing_states.js";

/** Answers a request: with a `Response`, with an `Error` to reject with, or with any other value, which becomes the JSON of a response. */
export type FakeServer = (request: Request) => unknown;

/**
 * The responses of an API: a function, or a response for each URL. A URL is absolute, or a path of the page's origin, includes its query, and may
 * have a method in front: `"POST https://api.example/v1/invoices"`. Each response is a `Response`, an `Error` to reject with, a {@link FakeServer},
 * or any other value, which becomes the JSON of a response.
 */
export type FakeResponses = FakeServer | Readonly<Record<string, unknown>>;

/** What of `globalThis` differs between test environments. */
interface Environment {
  readonly document?: { readonly baseURI?: string };
  readonly location?: { readonly href?: string };
  readonly Request?: typeof Request;
  readonly Response?: typeof Response;
}

const environment = globalThis as Environment;

function absolute(url: string): string {
  return new URL(url, environment.document?.baseURI ?? environment.location?.href).href;
}

/** Whether a URL has the prefix: the same origin, and the same path or one that is longer by whole segments. */
function isBelow(url: URL, prefix: URL): boolean {
  const base = prefix.pathname.replace(/\/+$/, "");
  const rest = url.pathname.slice(base.length);
  const isLonger = rest ? rest.startsWith("/") : !prefix.pathname.endsWith("/");
  return url.origin === prefix.origin && url.pathname.startsWith(base) && isLonger;
}

/** @throws AuthError `address_not_listed` */
export function checkAddress(input: RequestInfo | URL, apis: readonly (string | ApiOptions)[] | undefined): void {
  if (!apis) return;
  const url = new URL(urlOf(input));
  const prefixes = apis.map((api) => new URL(typeof api === "string" ? api : api.prefix));
  if (!prefixes.some((prefix) => isBelow(url, prefix))) throw authError("address_not_listed");
}

function urlOf(input: RequestInfo | URL): string {
  return typeof input === "string" || input instanceof URL ? absolute(String(input)) : input.url;
}

/** The signal stays out of the request: an environment's own `AbortSignal` is not always the one that its `Request` accepts. */
export function requestOf(input: RequestInfo | URL, init: RequestInit | null | undefined): Request {
  const { Request, Response } = environment;
  if (!Request || !Response) throw new Error("This test environment has no Request and Response. For Jest's jsdom, use jest-fixed-jsdom.");
  const { signal: _, ...rest } = init ?? {};
  return typeof input === "string" || input instanceof URL ? new Request(urlOf(input), rest) : new Request(input, rest);
}

/** The response that the test gives for a request. One for the method goes before one for every method. */
function find(responses: FakeResponses, { method, url }: Request): unknown {
  if (typeof responses === "function") return responses;
  const given = Object.entries(responses).map(([key, response]) => {
    const [address = "", verb] = key.split(" ").reverse();
    return { verb, url: absolute(address), response };
  });
  const fitting = given.filter((each) => each.url === url);
  return (fitting.find(({ verb }) => verb === method) ?? fitting.find(({ verb }) => verb === undefined))?.response;
}

/** Asks the test for the response of a request. Rejects with an error that is no `AuthError` if it gives none. */
export async function respond(responses: FakeResponses, request: Request): Promise<Response> {
  const given = find(responses, request);
  const value = typeof given === "function" ? await (given as FakeServer)(request) : given;
  if (value === undefined) throw new Error(`The test gives no response for ${request.method} ${request.url}.`);
  if (value instanceof Error) throw value;
  const response = value instanceof Response ? value.clone() : new Response(JSON.stringify(value), { headers: { "content-type": "application/json" } });
  return Object.defineProperty(response, "url", { value: request.url });
}

/** Settles like `promise`, unless the signal aborts first. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
