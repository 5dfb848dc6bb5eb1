import { failure } from "../failure.js";
import type { AuthState, LastSignIn } from "../types.js";
import { Client, type ClientOptions, type StateListener } from "./client.js";
import { fetchThrough } from "./fetch.js";

interface HandleOptions extends ClientOptions {
  /** For demos and tests: called after each request of the session. */
  readonly onRequest?: (request: unknown) => void;
}

interface Shared {
  readonly client: Client;
  users: number;
}

/** The sessions of this page, by their settings. Two components with the same settings share a session, so they do not compete for a callback. */
const sessions = new Map<string, Shared>();

/** Starts a session. Throws an `AuthError` if the browser lacks an API that the library needs. */
function start(options: ClientOptions): Client {
  try {
    return new Client(options);
  } catch (error) {
    throw failure("vault_unavailable", String(error));
  }
}

/** The app's reference to a session. Several handles may share a session; each is disposed of separately. */
export class Handle {
  #client: Client;
  #isOpen = true;
  #key: string;
  #listeners = new Set<StateListener>();

  constructor(options: HandleOptions) {
    this.#key = JSON.stringify([options.candidates, options.url, options.name]);
    const shared = sessions.get(this.#key) ?? { client: start(options), users: 0 };
    sessions.set(this.#key, shared);
    shared.users++;
    this.#client = shared.client;
    if (options.onRequest) this.#client.requestListeners.add(options.onRequest);
  }

  get ready(): Promise<void> {
    return this.#client.ready;
  }

  get state(): AuthState {
    return this.#client.state;
  }

  get lastSignIn(): LastSignIn | null {
    return this.#client.lastSignIn;
  }

  /** Calls `listener` after every change of the state. Returns a function that unsubscribes it. */
  subscribe(listener: (state: AuthState) => void): () => void {
    // The same function may be subscribed twice, and each subscription ends separately.
    const own: StateListener = (state) => listener(state);
    const end = (): void => [this.#client.listeners, this.#listeners].forEach((listeners) => listeners.delete(own));
    if (this.#isOpen) [this.#client.listeners, this.#listeners].forEach((listeners) => listeners.add(own));
    return end;
  }

  /** Calls the vault, and returns the value of its answer. */
  async call(command: string, members: object = {}): Promise<unknown> {
    this.#check();
    return (await this.#client.call(command, { members, owner: this })).value;
  }

  /** `fetch` through the vault. `canceled` aborts the call, but not the body of its response. */
  async fetch(input: RequestInfo | URL, init?: RequestInit | null, canceled?: AbortSignal): Promise<Response> {
    this.#check();
    return fetchThrough(this.#client, this, input, init, canceled);
  }

  /** Releases the session. When its last handle is disposed of, the page disconnects from the vault. */
  dispose(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const listener of this.#listeners) this.#client.listeners.delete(listener);
    this.#client.giveUp(this);
    const shared = sessions.get(this.#key);
    if (!shared || --shared.users > 0) return;
    sessions.delete(this.#key);
    this.#client.dispose();
  }

  #check(): void {
    if (!this.#isOpen) throw failure("disposed");
  }
}
