import type { Client } from "./client.js";
import type { Answer } from "./messages.js";
import { fromPort, fromStream, type OpenStreams } from "./streams.js";

interface Head {
  status: number;
  statusText: string;
  headers: [string, string][];
  url: string;
}

/** Whether the engine sends a stream as it comes. Where it does not, it would send the word "object". */
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

/** The body as it goes to the vault: a stream that is transferred, or bytes that can be sent a second time. */
async function bodyOf(request: Request, stream: unknown): Promise<Blob | ReadableStream | undefined> {
  if (stream instanceof ReadableStream) return canSendStreams() ? stream : new Response(stream).blob();
  if (/^(GET|HEAD)$/.test(request.method)) return undefined;
  const blob = await request.blob();
  return blob.size ? blob : undefined;
}

/** Responses of these statuses have no body, and the constructor refuses even an empty one. */
const BODYLESS = [204, 205, 304];

function responseOf({ value, body }: Answer, streams: OpenStreams, signal: AbortSignal | undefined): Response {
  const { url, ...init } = value as Head;
  let content: BodyInit | null = null;
  if (body && !BODYLESS.includes(init.status)) {
    if (body instanceof MessagePort) content = streams.from(fromPort(body), signal);
    // Bytes are there already, and nothing that happens to the vault can end them.
    else if (body instanceof ArrayBuffer && !signal) content = body;
    else content = streams.from(fromStream(new Response(body).body as ReadableStream<Uint8Array>), signal);
  }
  return Object.defineProperty(new Response(content, init), "url", { value: url });
}

/** Nobody waits for this answer any more: its body is not to be sent. */
export function discard({ body }: Answer): void {
  if (body instanceof MessagePort) body.postMessage(false);
  else if (body instanceof ReadableStream) void body.cancel();
}

/** `fetch`, through the vault. The signal ends the call, and the body of the response. */
export async function fetchThrough(
  client: Client,
  owner: object,
  input: RequestInfo | URL,
  init: RequestInit = {},
  canceled?: AbortSignal,
): Promise<Response> {
  const { body: given, ...rest } = init;
  // The browser itself reads the arguments, as its own `fetch` would.
  const request = new Request(input, given instanceof ReadableStream ? rest : init);
  request.signal.throwIfAborted();
  const { url, method, credentials, cache, integrity, keepalive, referrerPolicy } = request;
  const body = await bodyOf(request, given);
  const sent = { method, headers: [...request.headers], body, duplex: "half", credentials, cache, integrity, keepalive, referrerPolicy };
  const answer = await client.call("fetch", {
    members: { url, init: sent },
    transfer: body instanceof ReadableStream ? [body] : [],
    signals: [request.signal, canceled],
    owner,
  });
  return responseOf(answer, client.streams, init.signal ?? (input instanceof Request ? input.signal : undefined));
}
