import type { Failure } from "../errors.js";
import { own } from "./own.js";

/** A state as the vault sends it: with errors as plain objects, and without the vault's location, which only the page knows. */
export type WireState = { readonly status: "loading" | "signed-out" | "signed-in" | "failed" } & Readonly<Record<string, unknown>>;

/** The result of a call. The body is an `ArrayBuffer` if it is short, else a stream, or a port if the browser cannot transfer streams. */
export interface Answer {
  /** The ID of the call. */
  readonly id: number;
  readonly value: unknown;
  readonly body?: ArrayBuffer | ReadableStream<Uint8Array> | MessagePort;
}

/** The messages that a vault sends to a page. */
export type VaultMessage =
  | { readonly event: "ready"; readonly version: string }
  | { readonly event: "failed"; readonly error?: Failure; readonly reason?: string; readonly transient?: boolean }
  | { readonly event: "welcome"; readonly lock: string | null; readonly tabLock: string | null; readonly state: WireState }
  | { readonly event: "state"; readonly state: WireState }
  | { readonly event: "navigate"; readonly url: string; readonly keep: boolean }
  | { readonly event: "replace"; readonly path: string; readonly announce: boolean }
  | { readonly event: "reopen" | "pong" | "bye" | "unwatched" }
  | { readonly event: "request"; readonly request: unknown }
  | ({ readonly event: "answer"; readonly error?: Failure } & Answer);

/** Reads a message that came over a port. `undefined` if it is not a message of the vault. */
export function readMessage(data: unknown): VaultMessage | undefined {
  if (typeof data !== "object" || !data) return undefined;
  const message = own(data) as VaultMessage;
  return typeof message.event === "string" ? message : undefined;
}
