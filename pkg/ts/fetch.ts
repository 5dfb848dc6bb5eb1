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

/** Where a body comes from: the next chunk, or nothing at its end. */
interface Source {
  next(): Promise<Uint8Array | undefined>;
  cancel(reason: unknown): unknown;
}

/** Chunks that come over a port, each of which has to be asked for. */
function fromPort(port: MessagePort): Source {
  const next = (): Promise<Uint8Array | undefined> =>
    new Promise((resolve, reject) => {
      port.onmessage = ({ data }: MessageEvent<{ chunk?: Uint8Array; failed?: true }>) => {
        if (data.failed) reject(new TypeError("network error"));
        else resolve(data.chunk);
      };
      port.postMessage(true);
    });
  return { next, cancel: () => port.postMessage(false) };
}

function fromStream(stream: ReadableStream<Uint8Array>): Source {
  const reader = stream.getReader();
  return { next: async () => (await reader.read()).value, cancel: (reason) => reader.cancel(reason) };
}

/** A stream of what comes from a source, until the signal ends it. */
function streamOf(source: Source, signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      signal?.addEventListener("abort", () => {
        controller.error(signal.reason);
        source.cancel(signal.reason);
      });
    },
    async pull(controller) {
      const chunk = await source.next();
      if (signal?.aborted) return;
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
    cancel: (reason) => void source.cancel(reason),
  });
}

/** A response of these has no body, and one that is empty is too much for the constructor. */
const BODYLESS = [204, 205, 304];

function response({ value, body }: Answer, signal: AbortSignal | undefined): Response {
  const { url, ...init } = value as Head;
  let content = body;
  if (content instanceof MessagePort) content = streamOf(fromPort(content), signal);
  // What ends the call after its head has come, ends its body.
  else if (signal && content) content = streamOf(fromStream(new Response(content).body as ReadableStream<Uint8Array>), signal);
  if (BODYLESS.includes(init.status)) content = undefined;
  return Object.defineProperty(new Response(content ?? null, init), "url", { value: url });
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
