import type { Client } from "./client.js";
import type { Answer } from "./messages.js";
import { fromPort, fromStream, type Source } from "./streams.js";

interface Head {
  status: number;
  type: ResponseType;
  statusText: string;
  headers: [string, string][];
  url: string;
}

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

type Body = Blob | ReadableStream | string | undefined;

/**
 * The body as it is sent to the vault: a transferred stream, or a value that can be sent twice. It is returned synchronously where possible,
 * because a page that is being left cannot wait for a promise.
 */
function bodyOf(request: Request, given: unknown): Body | Promise<Body> {
  if (given instanceof ReadableStream) return canSendStreams() ? given : new Response(given).blob();
  if (typeof given === "string" || given instanceof Blob) return given;
  if (given instanceof URLSearchParams) return String(given);
  if (given instanceof ArrayBuffer || ArrayBuffer.isView(given)) return new Blob([given as BlobPart]);
  return /^(GET|HEAD)$/.test(request.method) ? undefined : request.blob().then((blob) => (blob.size ? blob : undefined));
}

/** Responses with these statuses have no body, and the `Response` constructor refuses even an empty one. */
const BODYLESS = [204, 205, 304];

/** Sets the properties of a response that its constructor cannot set. */
function complete(response: Response, { type, url }: Head): Response {
  const clone = (): Response => complete(Response.prototype.clone.call(response), { type, url } as Head);
  return Object.defineProperties(response, { clone: { value: clone }, type: { value: type }, url: { value: url } });
}

function responseOf({ id, value, body }: Answer, client: Client, signal: AbortSignal | undefined): Response {
  const head = value as Head;
  const stream = (source: Source): BodyInit => client.streams.from(source, signal, () => client.release(id));
  let content: BodyInit | null = null;
  if (body && !BODYLESS.includes(head.status)) {
    if (body instanceof MessagePort) content = stream(fromPort(body));
    // The bytes have arrived already: they need no stream that fails when the vault is lost.
    else if (body instanceof ArrayBuffer && !signal) content = body;
    else content = stream(fromStream(new Response(body).body as ReadableStream<Uint8Array>));
  }
  return complete(new Response(content, head), head);
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
  init: RequestInit = {},
  canceled?: AbortSignal,
): Promise<Response> {
  const { body: given, ...rest } = init;
  // The browser parses the arguments, exactly as its own `fetch` does.
  const request = new Request(input, given instanceof ReadableStream ? rest : init);
  request.signal.throwIfAborted();
  const { url, method, credentials, cache, integrity, keepalive, referrerPolicy } = request;
  const reading = bodyOf(request, given);
  const body = reading instanceof Promise ? await reading : reading;
  const sent = { method, headers: [...request.headers], body, duplex: "half", credentials, cache, integrity, keepalive, referrerPolicy };
  const answer = await client.call("fetch", {
    members: { url, init: sent },
    transfer: body instanceof ReadableStream ? [body] : [],
    keepalive,
    signals: [request.signal, canceled],
    owner,
  });
  return responseOf(answer, client, init.signal ?? (input instanceof Request ? input.signal : undefined));
}
