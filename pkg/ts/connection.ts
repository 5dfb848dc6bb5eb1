import { VERSION } from "./version.js";
import { AuthError, failure, type Failure } from "./errors.js";
import { type Home, prepare } from "./homes.js";
import type { AuthState, VaultHome } from "./types.js";

/** A worker that does not say in so many milliseconds that it is there is not coming. */
const PATIENCE = 10_000;

/** After so many milliseconds without a welcome the vault is called again, and then after twice as many. */
const FIRST_PAUSE = 1_000;

/** So many milliseconds after the welcome the locks are asked for: nobody waits for them, and a start has other things to do. */
const CALM = 250;

interface Ask {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** Sends what was asked, over the port that leads to the vault or another one. */
type Send = (port?: MessagePort) => void;
type Unsent = Map<number, Send>;
type Wait = (id: number, send: Send) => void;

/** What the vault answers. A body comes as bytes if it is short, as a stream, or as a port where streams cannot be handed over. */
export interface Answer {
  value: unknown;
  body?: ArrayBuffer | ReadableStream<Uint8Array> | MessagePort;
}

/** Everything that the vault says. */
type Message =
  | { tell: "here"; version: string }
  | { tell: "failed"; error?: Failure }
  | { tell: "welcome"; lock: string | null; state: AuthState }
  | { tell: "state"; state: AuthState }
  | { tell: "navigate"; url: string; keep: boolean }
  | { tell: "replace"; path: string; announce: boolean }
  | { tell: "reopen" }
  | ({ tell?: undefined; id: number; error?: Failure } & Answer);

const waiting = (unsent: Unsent): Wait => (id, send) => unsent.set(id, send);

const lost = () => failure("vault_lost", "user", "the browser ended the worker that kept the session", true);

/** The page's end of the port, and what becomes of it when a vault cannot be reached. */
export class Connection {
  state!: AuthState;
  readonly listeners = new Set<(state: AuthState) => void>();
  #asks = new Map<number, Ask>();
  #disposed = false;
  #home: Home | undefined;
  #homes: VaultHome[];
  #lastId = 0;
  /** Lets go of the port and of both locks. */
  #leave: (() => void) | undefined;
  /** The lock that the vault holds for as long as it lives: each vault has one of its own. */
  #lock: string | null | undefined;
  /** The lock that was let go of. A vault which names it nevertheless lives: a script of the page stole its lock. */
  #lostLock: string | null | undefined;
  #name: string;
  #port: MessagePort | undefined;
  #quiet = new AbortController();
  /** How often a vault was looked for again. */
  #searches = 0;
  /** Sends what was asked while a vault is being found again, by the number of the ask. */
  #unsent: Unsent | undefined;
  #url: string;

  constructor(homes: VaultHome[], url: string, name: string) {
    this.#homes = homes;
    this.#url = url;
    this.#name = name;
  }

  /** Finds a vault, and has it open the session. */
  async open(): Promise<this> {
    try {
      const { opened, send } = this.#opening();
      await this.#connect(send);
      this.#listen();
      await opened.catch((error: unknown) => {
        // The vault was left or lost meanwhile, and is being found again.
        if (!this.#unsent) throw error;
        return this.#reopen(waiting(this.#unsent));
      });
      return this;
    } catch (error) {
      // Nobody gets hold of this, so nobody could let go of the vault.
      this.dispose();
      throw error;
    }
  }

  /** Asks the vault for something. Where there is none at the moment, the one that comes. */
  ask(ask: string, members: object = {}, transfer: Transferable[] = [], signal?: AbortSignal): Promise<Answer> {
    return this.#put(this.#unsent && waiting(this.#unsent), ask, members, transfer, signal);
  }

  /** Asks, at once or when `wait` has it sent. */
  #put(wait: Wait | undefined, ask: string, members: object, transfer: Transferable[] = [], signal?: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#disposed) throw failure("disposed", "caller", "the session object was disposed");
      if (!this.#port && !wait) throw lost();
      signal?.throwIfAborted();
      const id = ++this.#lastId;
      const send: Send = (port = this.#port) => {
        // Nobody waits for it any more.
        if (!this.#asks.has(id)) return;
        try {
          port?.postMessage({ ask, id, ...members }, transfer);
        } catch (error) {
          this.#asks.delete(id);
          reject(error);
        }
      };
      this.#asks.set(id, { resolve, reject });
      if (wait) wait(id, send);
      else send();
      signal?.addEventListener("abort", () => {
        if (this.#asks.delete(id)) this.#port?.postMessage({ tell: "abort", id });
        reject(signal.reason);
      });
    });
  }

  dispose(): void {
    this.#disposed = true;
    this.#quiet.abort();
    this.#leave?.();
    this.#home?.end();
    this.listeners.clear();
    this.#rejectAll(failure("disposed", "caller", "the session object was disposed"));
  }

  #reopen(wait?: Wait): Promise<unknown> {
    // What went wrong with a sign-in is in the state.
    return this.#put(wait, "open", { address: location.href });
  }

  /** The same, to be sent along with the first call. */
  #opening(): { opened: Promise<unknown>; send: Send } {
    let send!: Send;
    const opened = this.#reopen((_, given) => (send = given));
    // It may fail before anybody waits for it.
    opened.catch(() => {});
    return { opened, send };
  }

  /** Goes from home to home until one has a vault. */
  async #connect(open?: Send): Promise<void> {
    for (;;) {
      try {
        this.#home ??= await prepare(this.#homes[0] ?? "page", this.#url, this.#name);
        return await this.#enter(this.#home, open);
      } catch (error) {
        this.#leave?.();
        this.#home?.end();
        this.#home = undefined;
        // A setting that is wrong is wrong everywhere.
        if (error instanceof AuthError || this.#disposed) throw error;
        if (this.#homes.length < 2) throw failure("vault_unavailable", "caller", "no vault could be started for the session");
        this.#homes = this.#homes.slice(1);
      }
    }
  }

  /** Opens a port, and waits to be welcomed. */
  #enter(home: Home, open?: Send): Promise<void> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(reject, PATIENCE);
      const watch = new AbortController();
      let again: ReturnType<typeof setTimeout>;
      let calm: ReturnType<typeof setTimeout>;
      let pause = FIRST_PAUSE;
      let ports: MessagePort[] = [];
      /** What the vault notices the end of this tab by, once it is held. */
      let lock: string | undefined;
      let release = (): void => {};
      const greet = (port: MessagePort): void => port.postMessage({ tell: "hello", lock });
      const hangUp = (except?: MessagePort): void => {
        clearTimeout(again);
        for (const port of ports) {
          if (port === except) continue;
          port.postMessage({ tell: "goodbye" });
          port.close();
        }
        ports = except ? [except] : [];
      };
      const hear = (port: MessagePort, data: Message): void => {
        if (data.tell === "here") {
          clearTimeout(patience);
          if (data.version !== VERSION) {
            reject(failure("vault_unavailable", "caller", `the page has version ${VERSION} of the package, and the vault ${data.version}`));
          }
        } else if (data.tell === "failed") {
          reject(data.error && new AuthError(data.error));
        } else if (data.tell === "welcome") {
          // Who was called first and is silent knows nothing of what went along with that call.
          if (port !== ports[0]) open?.(port);
          // It has the address, and with it a code that was used.
          open = undefined;
          hangUp(port);
          this.#port = port;
          this.#show(data.state);
          this.#lock = data.lock;
          calm = setTimeout(settle, CALM);
          resolve();
        } else {
          this.#hear(port, data);
        }
      };
      /** By the ends of these locks the two sides notice each other's. */
      const settle = (): void => {
        const name = `wristband-spa-auth/tab/${crypto.randomUUID()}`;
        navigator.locks?.request(name, () => {
          if (watch.signal.aborted) return;
          lock = name;
          ports.forEach(greet);
          return new Promise<void>((done) => (release = done));
        });
        if (this.#lock && this.#lock !== this.#lostLock) this.#watch(this.#lock, watch.signal);
      };
      const dial = (): void => {
        const port = home.dial(reject);
        port.onmessage = ({ data }) => hear(port, data);
        // Served is who is there. That it is still there is shown by the lock, which need not be waited for.
        greet(port);
        if (ports.push(port) < 2) open?.(port);
        // A shared worker that is about to end still takes calls, and answers none. The next call is answered by its successor.
        again = setTimeout(dial, pause);
        pause *= 2;
      };
      this.#leave = () => {
        clearTimeout(patience);
        clearTimeout(calm);
        watch.abort();
        release();
        hangUp();
        this.#leave = this.#port = undefined;
      };
      dial();
    });
  }

  /** Waits for the end of the vault, which nobody announces. */
  #watch(lock: string, signal: AbortSignal): void {
    navigator.locks.request(lock, { signal }, () => this.#recover()).catch(() => {});
  }

  /** The vault is gone: another one is started, there or in the next home. */
  #recover(): void {
    this.#lostLock = this.#lock;
    this.#depart();
    // A worker of this tab alone does not start again by being dialled.
    this.#home?.end();
    this.#home = undefined;
    this.#show({ ...this.state, status: "loading" } as AuthState);
    this.#return(true);
  }

  /** Leaves the vault for a while. */
  #depart(): void {
    this.#leave?.();
    this.#unsent ??= new Map();
  }

  /** Nobody answers what was asked before. Whoever was about to ask the vault that was left asks the one that is found. */
  #return(mustOpen: boolean): void {
    this.#depart();
    this.#rejectAll(lost(), this.#unsent);
    void this.#enterAnew(mustOpen);
  }

  /** Finds a vault again. A new one has to open the session; the one that was left only learns that the page is back. */
  async #enterAnew(mustOpen: boolean): Promise<void> {
    const before = this.#lock;
    const search = ++this.#searches;
    const opening = mustOpen ? this.#opening() : undefined;
    try {
      await this.#connect(opening?.send);
      if (opening) await opening.opened;
      else if (this.#lock !== before) await this.#reopen();
      else this.#port?.postMessage({ tell: "returned" });
      const unsent = this.#unsent;
      this.#unsent = undefined;
      unsent?.forEach((send) => send());
    } catch (error) {
      // What was found may be lost again, and is being looked for by then.
      if (this.#disposed || search !== this.#searches) return;
      this.#unsent = undefined;
      this.#rejectAll(error as AuthError);
      this.#show({ status: "failed", error: error as AuthError, vault: this.state.vault });
    }
  }

  #rejectAll(error: AuthError, except?: Unsent): void {
    for (const [id, ask] of this.#asks) {
      if (except?.has(id)) continue;
      this.#asks.delete(id);
      ask.reject(error);
    }
  }

  #hear(port: MessagePort, data: Exclude<Message, { tell: "here" | "failed" | "welcome" }>): void {
    switch (data.tell) {
      case "state":
        return this.#show(data.state);
      case "navigate":
        return data.keep ? location.assign(data.url) : location.replace(data.url);
      case "replace":
        history.replaceState(null, "", data.path);
        // The vault goes on when the code is no longer in the address bar.
        port.postMessage({ tell: "replaced" });
        // The app's router hears of it as if the person had gone back.
        if (data.announce) dispatchEvent(new PopStateEvent("popstate"));
        return;
      case "reopen":
        return void this.#reopen().catch(() => {});
      default: {
        const ask = this.#asks.get(data.id);
        this.#asks.delete(data.id);
        if (data.error) ask?.reject(new AuthError(data.error));
        else ask?.resolve(data);
      }
    }
  }

  #show(state: AuthState): void {
    this.state = { ...state, vault: this.#home?.kind ?? state.vault };
    if (this.state.status === "failed") this.state = { ...this.state, error: new AuthError(this.state.error) };
    if (this.state.status === "signed-in" && this.state.trouble) {
      this.state = { ...this.state, trouble: new AuthError(this.state.trouble) };
    }
    for (const listener of [...this.listeners]) {
      try {
        listener(this.state);
      } catch (error) {
        // What a listener throws is the app's: it is told, and the others hear nevertheless.
        reportError(error);
      }
    }
  }

  /** Passes on what only a page hears: whatever hints at time having passed, and what becomes of the page. */
  #listen(): void {
    const on = (name: string, listener: (event: Event) => void): void => {
      addEventListener(name, listener, { signal: this.#quiet.signal });
    };
    const tell = (tell: string, members?: object): void => this.#port?.postMessage({ tell, ...members });
    for (const name of ["focus", "visibilitychange"]) on(name, () => tell("woke"));
    for (const name of ["online", "offline"]) on(name, () => tell("online", { online: name === "online" }));
    // A page in the browser's cache is no tab of the app: it hears nothing, and keeps no vault alive.
    on("pagehide", () => this.#depart());
    on("pageshow", (event) => {
      if ((event as PageTransitionEvent).persisted) this.#return(false);
      else tell("woke");
    });
  }
}
