import type { Answer, Connection } from "./connection.js";

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

/** The body as it goes to the vault: a stream that is handed over, or bytes that can be sent a second time. */
async function body(request: Request, stream: unknown): Promise<Blob | ReadableStream | undefined> {
  if (stream instanceof ReadableStream) return canSendStreams() ? stream : new Response(stream).blob();
  if (/^(GET|HEAD)$/.test(request.method)) return undefined;
  const blob = await request.blob();
  return blob.size ? blob : undefined;
}

/** A body that comes in chunks, each of which has to be asked for. */
function chunks(port: MessagePort): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (controller) =>
      new Promise<void>((done) => {
        port.onmessage = ({ data }: MessageEvent<{ chunk?: Uint8Array; failed?: true }>) => {
          if (data.chunk) controller.enqueue(data.chunk);
          else if (data.failed) controller.error(new TypeError("network error"));
          else controller.close();
          done();
        };
        port.postMessage(true);
      }),
    cancel: () => port.postMessage(false),
  });
}

/** A response of these has no body, and one that is empty is too much for the constructor. */
const BODYLESS = [204, 205, 304];

function response({ value, body }: Answer, signal: AbortSignal | undefined): Response {
  const { url, ...init } = value as Head;
  let stream = body instanceof MessagePort ? chunks(body) : body;
  if (BODYLESS.includes(init.status)) stream = undefined;
  // What ends the call after its head has come, ends its body.
  if (signal) stream = stream?.pipeThrough(new TransformStream(), { signal });
  return Object.defineProperty(new Response(stream ?? null, init), "url", { value: url });
}

/** `fetch`, by way of the vault. */
export async function fetchThrough(vault: Connection, input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const { body: given, ...rest } = init;
  const isStream = given instanceof ReadableStream;
  // The browser itself reads the arguments, as its own `fetch` would.
  const request = new Request(input, isStream ? rest : init);
  request.signal.throwIfAborted();
  const { url, method, credentials, cache, integrity, keepalive, referrerPolicy } = request;
  const content = await body(request, given);
  const transfer = content instanceof ReadableStream ? [content] : [];
  const headers = [...request.headers];
  const sent = { method, headers, body: content, duplex: "half", credentials, cache, integrity, keepalive, referrerPolicy };
  const answer = await vault.ask("fetch", { url, init: sent }, transfer, request.signal);
  return response(answer, init.signal ?? (input instanceof Request ? input.signal : undefined));
}
