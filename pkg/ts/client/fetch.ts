import { failure } from "../failure.js";
import type { Client } from "./client.js";
import { isIntact } from "./integrity.js";
import type { Answer } from "./messages.js";
import { fromPort, fromStream, type Source } from "./streams.js";

interface Head {
  status: number;
  type: ResponseType;
  statusText: string;
  headers: [string, string][];
  url: string;
}

/** Browsers refuse to send more bytes with `keepalive`, and say only that the network failed. */
const MAX_KEEPALIVE = 65_536;

/** Whether the browser can send a stream as a body. If it cannot, it would send the stream converted to a string. */
function canSendStreams(): boolean {
  let asked = false;
  const init = {
    method: "POST",
    body: new ReadableStream(),
    get duplex() {
      asked = true;
      return "half";
    },
  };
  return !new Request("", init).headers.has("content-type") && asked;
}

type Body = Blob | ReadableStream | string | [string, FormDataEntryValue][] | undefined;

/**
 * The body as it is sent to the vault: a transferred stream, or a value that can be sent twice. It is returned synchronously where possible,
 * because a page that is being left cannot wait for a promise. A form is sent as its entries, so that its files are not read here; WebKit cannot
 * read those of a form.
 */
function bodyOf(request: Request, given: unknown, isBuffered: boolean): Body | Promise<Body> {
  if (given instanceof ReadableStream) return isBuffered ? new Response(given).blob() : given;
  if (typeof given === "string" || given instanceof Blob) return given;
  if (given instanceof URLSearchParams) return String(given);
  if (given instanceof FormData) return [...given];
  if (given instanceof ArrayBuffer || ArrayBuffer.isView(given)) return new Blob([given as BlobPart]);
  return /^(GET|HEAD)$/.test(request.method) ? undefined : request.blob().then((blob) => (blob.size ? blob : undefined));
}

/** Why the body of a response was failed. */
interface Failed {
  reason?: unknown;
}

/** Sets the members of a response that its constructor cannot set, or accepts only in part. Like those of `fetch`, an app may replace them. */
function complete(response: Response, head: Head, failed: Failed): Response {
  const { status, type, url } = head;
  const set = (name: string, value: unknown): unknown => Object.defineProperty(response, name, { value, configurable: true, writable: true });
  set("status", status);
  set("ok", status > 199 && status < 300);
  set("type", type);
  set("url", url);
  set("clone", () => complete(Response.prototype.clone.call(response), head, failed));
  // Browsers replace the error of a stream by one of their own, and Firefox by an `AbortError` even if the network failed.
  const why = (error: Error): never => {
    throw "reason" in failed ? failed.reason : error.name === "AbortError" ? new TypeError("network error") : error;
  };
  for (const name of ["arrayBuffer", "blob", "bytes", "formData", "json", "text"] as const) {
    if (name in response) set(name, () => Response.prototype[name].call(response).catch(why));
  }
  return response;
}

function responseOf({ id, value, body }: Answer, client: Client, signal: AbortSignal | null | undefined): Response {
  const head = value as Head;
  const failed: Failed = {};
  const stream = (source: Source): BodyInit => client.streams.from(source, signal, failed, () => client.release(id));
  let content: BodyInit | null = null;
  if (body instanceof MessagePort) content = stream(fromPort(body));
  // The bytes have arrived already: they need no stream that fails when the vault is lost.
  else if (body instanceof ArrayBuffer && !signal) content = body;
  else if (body) content = stream(fromStream(new Response(body).body as ReadableStream<Uint8Array>));
  // The constructor accepts neither every status that a server can send, nor a body with each of them.
  return complete(new Response(content, { ...head, status: 200 }), head, failed);
}

/** Cancels the body of an answer that no call waits for any more. */
export function discard({ body }: Answer): void {
  if (body instanceof MessagePort) body.postMessage(false);
  else if (body instanceof ReadableStream) void body.cancel();
}

/** `fetch` through the vault. The request's signal aborts the call and the body of the response; `canceled` aborts the call only. */
export async function fetchThrough(
  client: Client,
  owner: object,
  input: RequestInfo | URL,
  init?: RequestInit | null,
  canceled?: AbortSignal,
): Promise<Response> {
  const given = init?.body;
  const isBuffered = given instanceof ReadableStream && !canSendStreams();
  // The browser parses the arguments, exactly as its own `fetch` does.
  const request = new Request(input, isBuffered ? { ...init, body: null } : (init as RequestInit));
  request.signal.throwIfAborted();
  const { url, method, mode, credentials, cache, integrity, keepalive, referrer, referrerPolicy } = request;
  const reading = bodyOf(request, given, isBuffered);
  const body = reading instanceof Promise ? await reading : reading;
  if (keepalive && body && new Blob([body].flat(2) as BlobPart[]).size > MAX_KEEPALIVE) {
    throw failure("config_invalid", `keepalive: the body has more than ${MAX_KEEPALIVE} bytes`);
  }
  // A request cannot be asked for its priority.
  const { priority } = init ?? {};
  // The vault's request gets the boundary of a form, unless the app has named a content type.
  const isOwn = body instanceof Array && !new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined)).has("content-type");
  if (isOwn) request.headers.delete("content-type");
  const headers = [...request.headers];
  const sent = { method, headers, body, duplex: "half", mode, credentials, cache, keepalive, referrer, referrerPolicy, priority };
  const answer = await client.call("fetch", {
    members: { url, init: sent },
    transfer: body instanceof ReadableStream ? [body] : [],
    keepalive,
    signals: [request.signal, canceled],
    owner,
  });
  const signal = init?.signal === undefined && input instanceof Request ? input.signal : init?.signal;
  const response = responseOf(answer, client, signal);
  if (!integrity) return response;
  // Browsers do not say that a digest is the wrong one. Like them, this waits for the whole body.
  const bytes = await response.arrayBuffer();
  if (!(await isIntact(bytes, integrity))) throw failure("config_invalid", "integrity: the response has another digest");
  return complete(new Response(bytes, response), answer.value as Head, {});
}
