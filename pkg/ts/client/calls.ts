import type { AuthError } from "../errors.js";
import { failure } from "../failure.js";
import type { Answer } from "./messages.js";

/** Sends the message of a call over a port. */
type Send = (port: MessagePort) => void;

interface Call {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
  readonly owner: object | undefined;
  /** Sends the call. `undefined` once it was sent. */
  send: Send | undefined;
}

/** What a call consists of besides its command. */
export interface CallOptions {
  readonly members?: object;
  readonly transfer?: Transferable[];
  /** Whether the call is sent even while the page is being left. */
  readonly keepalive?: boolean;
  /** Each of them aborts the call. */
  readonly signals?: readonly (AbortSignal | undefined)[];
  /** The handle that made the call. */
  readonly owner?: object;
}

/** The calls that this page has made and the vault has not answered. */
export class PendingCalls {
  #calls = new Map<number, Call>();
  #lastId = 0;
  /** The port over which calls are sent. While it is `undefined`, calls wait. */
  #port: MessagePort | undefined;
  /** The port for calls with `keepalive` while the page is being left. */
  #lastPort: MessagePort | undefined;

  /** Whether a call was sent and has no answer yet. */
  get hasSent(): boolean {
    return [...this.#calls.values()].some(({ send }) => !send);
  }

  /** Makes a call. It is sent at once if the page is connected to a vault, and otherwise as soon as it is. */
  make(command: string, { members, transfer = [], keepalive, signals = [], owner }: CallOptions = {}): Promise<Answer> {
    const id = ++this.#lastId;
    const aborted = (event: Event): void => this.#abort(id, (event.target as AbortSignal).reason);
    const answer = new Promise<Answer>((resolve, reject) => {
      for (const signal of signals) signal?.throwIfAborted();
      const send: Send = (port) => port.postMessage({ call: command, id, ...members }, transfer);
      this.#calls.set(id, { resolve, reject, owner, send });
    });
    for (const signal of signals) signal?.addEventListener("abort", aborted);
    this.#send(id, this.#port ?? (keepalive ? this.#lastPort : undefined));
    return answer.finally(() => {
      for (const signal of signals) signal?.removeEventListener("abort", aborted);
    });
  }

  /** Registers a call whose message the caller sends. */
  announce(command: string, members: object): { message: object; answer: Promise<Answer> } {
    const id = ++this.#lastId;
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#calls.set(id, { resolve, reject, owner: undefined, send: undefined });
    });
    // It may reject before the caller waits for it.
    answer.catch(() => {});
    return { message: { call: command, id, ...members }, answer };
  }

  /** Sends the waiting calls over this port, and later calls too. */
  resume(port: MessagePort): void {
    this.hold();
    this.#port = port;
    for (const id of this.#calls.keys()) this.#send(id, port);
  }

  /** No vault is connected: calls wait for the next one. Only calls with `keepalive` are sent, over `lastPort`. */
  hold(lastPort?: MessagePort): void {
    this.#lastPort?.close();
    this.#lastPort = lastPort;
    this.#port = undefined;
  }

  /** Rejects the calls that were sent to a vault from which the page has disconnected. */
  rejectSent(error: AuthError): void {
    this.#rejectIf(error, ({ send }) => !send);
  }

  /** Rejects the calls that wait for a vault. */
  rejectWaiting(error: AuthError): void {
    this.#rejectIf(error, ({ send }) => !!send);
  }

  /** Rejects all calls. */
  reject(error: AuthError): void {
    this.#rejectIf(error, () => true);
  }

  /** Rejects all calls of an owner. */
  abort(owner: object, error: AuthError): void {
    for (const [id, call] of this.#calls) if (call.owner === owner) this.#abort(id, error);
  }

  /** Settles a call. Returns `false` if no call with this ID is pending. */
  settle(id: number, error: AuthError | undefined, answer: Answer): boolean {
    const call = this.#take(id);
    if (error) call?.reject(error);
    else call?.resolve(answer);
    return !!call;
  }

  #abort(id: number, reason: unknown): void {
    const call = this.#take(id);
    // The vault stops the call if it still can.
    if (call && !call.send) this.#port?.postMessage({ event: "abort", id });
    call?.reject(reason);
  }

  #send(id: number, port: MessagePort | undefined): void {
    const call = this.#calls.get(id);
    if (!port || !call?.send) return;
    const { send } = call;
    call.send = undefined;
    try {
      send(port);
    } catch (error) {
      // A value that cannot be cloned cannot be sent to any vault.
      this.#take(id)?.reject(failure("config_invalid", `the arguments cannot be sent to the vault: ${(error as Error).message}`));
    }
  }

  #take(id: number): Call | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    return call;
  }

  #rejectIf(error: AuthError, applies: (call: Call) => boolean): void {
    for (const [id, call] of this.#calls) if (applies(call)) this.#take(id)?.reject(error);
  }
}
