import type { AuthError } from "../errors.js";
import { failure } from "../failure.js";
import type { Answer } from "./messages.js";

/** Sends the message of a call over a port. */
type Send = (port: MessagePort) => void;

interface Call {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
  readonly owner: object | undefined;
  /** Sends the call. Absent once it was sent. */
  send: Send | undefined;
}

/** What a call has beyond its name. */
export interface CallOptions {
  readonly members?: object;
  readonly transfer?: Transferable[];
  /** Whether the call is to be made even when the page goes away. */
  readonly keepalive?: boolean;
  /** Each ends the call. */
  readonly signals?: readonly (AbortSignal | undefined)[];
  /** Whose call it is. */
  readonly owner?: object;
}

/** The calls that this page has made and the vault has not answered. */
export class PendingCalls {
  #calls = new Map<number, Call>();
  #lastId = 0;
  /** Where calls are sent to. Without one they wait until there is one again. */
  #port: MessagePort | undefined;
  /** Where a page that goes away sends what outlives it. */
  #lastPort: MessagePort | undefined;

  /** Whether an answer is outstanding. */
  get hasSent(): boolean {
    return [...this.#calls.values()].some(({ send }) => !send);
  }

  /** Makes a call. It is sent at once where there is a vault, and otherwise as soon as there is one. */
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

  /** A call whose message somebody else sends. */
  announce(command: string, members: object): { message: object; answer: Promise<Answer> } {
    const id = ++this.#lastId;
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#calls.set(id, { resolve, reject, owner: undefined, send: undefined });
    });
    // It may fail before anybody waits for it.
    answer.catch(() => {});
    return { message: { call: command, id, ...members }, answer };
  }

  /** Sends calls over this port from now on, beginning with those that wait. */
  resume(port: MessagePort): void {
    this.hold();
    this.#port = port;
    for (const id of this.#calls.keys()) this.#send(id, port);
  }

  /** There is no vault for now: calls wait for the next one, but for those that outlive the page, which go to this port. */
  hold(lastPort?: MessagePort): void {
    this.#lastPort?.close();
    this.#lastPort = lastPort;
    this.#port = undefined;
  }

  /** Rejects the calls that nobody answers any more, because the vault that they were sent to was left. */
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

  /** Rejects the calls of an owner who waits no longer. */
  abort(owner: object, error: AuthError): void {
    for (const [id, call] of this.#calls) if (call.owner === owner) this.#abort(id, error);
  }

  /** Settles a call. Answers whether anybody waited for it. */
  settle(id: number, error: AuthError | undefined, answer: Answer): boolean {
    const call = this.#take(id);
    if (error) call?.reject(error);
    else call?.resolve(answer);
    return !!call;
  }

  #abort(id: number, reason: unknown): void {
    const call = this.#take(id);
    // The vault stops what it still can.
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
      // What cannot be cloned can be sent to no vault.
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
