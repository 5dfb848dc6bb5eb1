/** The source of a body. `next` returns a chunk, or `undefined` at the end. */
export interface Source {
  next(): Promise<Uint8Array | undefined>;
  cancel(reason: unknown): unknown;
}

/** A source of chunks that are requested over a port, one at a time. */
export function fromPort(port: MessagePort): Source {
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

export function fromStream(stream: ReadableStream<Uint8Array>): Source {
  const reader = stream.getReader();
  return { next: async () => (await reader.read()).value, cancel: (reason) => reader.cancel(reason) };
}

const canMakeByteStreams = "ReadableByteStreamController" in globalThis;

/** The bodies that a vault is still sending. If the vault is lost, they are failed here: nothing else would end them. */
export class OpenStreams {
  #failing = new Set<(reason: unknown) => void>();

  /**
   * A stream of a source's chunks. It ends when the source ends, the signal aborts, or the vault is lost. `ended` is called then, and in the
   * last two cases `failed` gets the reason.
   */
  from(source: Source, signal: AbortSignal | null | undefined, failed: { reason?: unknown }, ended: () => void): ReadableStream<Uint8Array> {
    let end!: () => void;
    return new ReadableStream(
      {
        // As the body of a response of `fetch`, which can be read into a buffer of the reader.
        type: canMakeByteStreams ? "bytes" : undefined,
        start: (controller: ReadableByteStreamController) => {
          const fail = (reason: unknown): void => {
            failed.reason = reason;
            end();
            controller.error(reason);
            void source.cancel(reason);
          };
          const aborted = (): void => fail(signal?.reason);
          end = () => {
            this.#failing.delete(fail);
            signal?.removeEventListener("abort", aborted);
            ended();
          };
          this.#failing.add(fail);
          signal?.addEventListener("abort", aborted);
          if (signal?.aborted) aborted();
        },
        pull: async (controller: ReadableByteStreamController) => {
          try {
            const chunk = await source.next();
            if (chunk) return controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
            end();
            controller.close();
            // A reader that has given its own buffer gets it back.
            controller.byobRequest?.respond(0);
          } catch (error) {
            end();
            controller.error(error);
          }
        },
        cancel: (reason: unknown) => {
          end();
          void source.cancel(reason);
        },
      } as UnderlyingByteSource,
      // No chunk is requested before the app reads.
      { highWaterMark: 0 },
    );
  }

  /** Fails all open streams. */
  fail(reason: unknown): void {
    for (const fail of [...this.#failing]) fail(reason);
  }
}
