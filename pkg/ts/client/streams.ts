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

/** The bodies that a vault is still sending. If the vault is lost, they are failed here: nothing else would end them. */
export class OpenStreams {
  #failing = new Set<(reason: unknown) => void>();

  /** A stream of a source's chunks. It ends when the source ends, the signal aborts, or the vault is lost. `ended` is called then. */
  from(source: Source, signal: AbortSignal | undefined, ended: () => void): ReadableStream<Uint8Array> {
    let end!: () => void;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          const fail = (reason: unknown): void => {
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
        pull: async (controller) => {
          try {
            const chunk = await source.next();
            if (chunk) return controller.enqueue(chunk);
            end();
            controller.close();
          } catch (error) {
            end();
            controller.error(error);
          }
        },
        cancel: (reason) => {
          end();
          void source.cancel(reason);
        },
      },
      // No chunk is requested before the app reads.
      { highWaterMark: 0 },
    );
  }

  /** Fails all open streams. */
  fail(reason: unknown): void {
    for (const fail of [...this.#failing]) fail(reason);
  }
}
