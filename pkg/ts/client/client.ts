import { AuthError, type Failure } from "../errors.js";
import { failure } from "../failure.js";
import type { AuthState, VaultKind } from "../types.js";
import { type CallOptions, PendingCalls } from "./calls.js";
import { discard } from "./fetch.js";
import { isFirstVisit } from "./first_visit.js";
import { findRenamed, prepare, Unavailable, type VaultLocation, type VaultSource } from "./location.js";
import type { Answer, VaultMessage, WireState } from "./messages.js";
import { OpenStreams } from "./streams.js";
import { VaultPort } from "./vault_port.js";

/** Milliseconds after which whoever waits is told that the vault has not come. It is waited for all the same. */
const CONNECT_TIMEOUT = 30_000;

/** Milliseconds until a worker's script is loaded again after the network failed. Each further pause is twice as long. */
const FIRST_RELOAD_DELAY = 1_000;
const MAX_RELOADS = 3;

/** How many other names a shared worker gets. */
const MAX_RENAMES = 2;

/** Milliseconds that the question whether this is a first visit is ahead of the worker. */
const HEAD_START = 200;

export type StateListener = (state: AuthState) => void;

/** What a session is started from. */
export interface ClientOptions extends VaultSource {
  /** The kinds of location where the vault may be, the best first. */
  readonly candidates: readonly VaultKind[];
  readonly clientId: string;
  readonly loginUrl: unknown;
}

const disposed = (): AuthError => failure("disposed");
const lost = (): AuthError => failure("vault_lost");

/**
 * The page's part of a session: finds a vault, shows what the vault says, passes calls on, and does for the vault what only a page can do.
 * When the vault is lost, it finds another one.
 */
export class Client {
  readonly listeners = new Set<StateListener>();
  /** For demos and tests: called with every request that the session made. */
  readonly requestListeners = new Set<(request: unknown) => void>();
  /** Settles when it is known whether the user is signed in. Rejects when no vault could be started. */
  readonly ready: Promise<void>;
  readonly streams = new OpenStreams();
  /** Numbers the attempts to find a vault. One that is not the newest is over. */
  #attempt = 0;
  #calls = new PendingCalls();
  #candidates: readonly VaultKind[];
  #disposed = false;
  #events = new AbortController();
  /** Why no vault is looked for any more. */
  #failure: AuthError | undefined;
  /** Why the vault is not in a better location, by location. */
  #fallback: string[] = [];
  /** Whether the vault has opened the session for this page. */
  #isOpened = false;
  /** Whether the vault was lost while the user had this page in front of them. */
  #isInterrupted = false;
  /** Whether the script was loaded past the cache. */
  #isRefreshed = false;
  #isWelcome = false;
  #location: VaultLocation | undefined;
  /** The lock of the vault that serves this page. Every vault has one of its own. */
  #lock: string | null | undefined;
  /** The lock that was released. A vault that names it nevertheless lives: a script of the origin stole its lock. */
  #lostLock: string | null | undefined;
  /** The lock of the vault that has opened the session for this page. */
  #openedBy: string | null | undefined;
  #options: ClientOptions;
  #port: VaultPort | undefined;
  /** How many names of a shared worker were given up. All tabs give up the same ones, in the same order. */
  #renames = 0;
  /** How much of the fallback the console shows. */
  #reported = 0;
  /** The number of the session that the app sees. */
  #session: unknown;
  #settleReady!: { resolve(): void; reject(error: AuthError): void };
  /** What was shown last, as text. */
  #shown = "";
  #state!: AuthState;
  /** The last state that came from the vault. */
  #told: WireState = { status: "loading" };
  #timeout: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#candidates = options.candidates;
    this.ready = new Promise((resolve, reject) => (this.#settleReady = { resolve, reject }));
    // An app may look at the state alone.
    this.ready.catch(() => {});
    this.#show(this.#told);
    this.#listen();
    void this.#start();
  }

  get state(): AuthState {
    return this.#state;
  }

  /** Calls the vault. Where there is none at the moment, the next one is called. */
  async call(command: string, options?: CallOptions): Promise<Answer> {
    if (this.#disposed) throw disposed();
    if (this.#failure && !this.#failure.retryable) throw this.#failure;
    if (options?.keepalive && !this.#canOutlivePage()) {
      throw failure("config_invalid", "keepalive: in this browser, or in this location of the vault, no request outlives its page");
    }
    // The call belongs to the session that the app sees now: the vault does not make it in another one.
    const answer = this.#calls.make(command, { ...options, members: { ...options?.members, session: this.#session } });
    if (this.#failure) void this.#findVault();
    else if (this.#isWelcome) this.#port?.expectAnswer();
    else this.#limitWait();
    return answer;
  }

  /** A worker ends with its tab, or with the last one. A vault in the page can still send what it has a token for, until the page is left. */
  #canOutlivePage(): boolean {
    const location = this.#location;
    return !location || location.outlivesPages || (location.kind === "page" && this.#port !== undefined);
  }

  /** The page has the whole response to a call, or wants no more of it: the vault forgets it. */
  release(id: number): void {
    this.#port?.send({ event: "abort", id });
  }

  /** Rejects the calls of an owner who waits no longer. */
  giveUp(owner: object): void {
    this.#calls.abort(owner, disposed());
  }

  dispose(): void {
    this.#disposed = true;
    this.#stop();
    this.#leaveLocation();
    this.#events.abort();
    this.listeners.clear();
    this.requestListeners.clear();
    this.streams.fail(disposed());
    this.#calls.reject(disposed());
    this.#settleReady.reject(disposed());
  }

  /** On a first visit the app needs no vault. To start a worker would delay the answer, so that comes first, for a moment at most. */
  async #start(): Promise<void> {
    const { clientId, loginUrl } = this.#options;
    const answered = isFirstVisit(clientId, loginUrl).then((isFirst) => isFirst && this.#answerEarly());
    if (!isReload()) await Promise.race([answered, pause(HEAD_START)]);
    if (!this.#disposed) void this.#findVault();
  }

  /** On a first visit nobody waits for the vault. It has the last word nevertheless: what it says is shown when it comes. */
  #answerEarly(): void {
    if (this.#disposed || this.#state.status !== "loading") return;
    this.#show({ status: "signed-out", reason: "never-signed-in" });
    this.#settleReady.resolve();
  }

  /** Goes through the candidates until a vault serves this page. Slowness is no reason to leave one out. */
  async #findVault(): Promise<void> {
    const attempt = ++this.#attempt;
    const isOver = (): boolean => attempt !== this.#attempt;
    this.#failure = undefined;
    this.#limitWait();
    for (let reloads = 0; !isOver(); ) {
      try {
        return await this.#enter(isOver);
      } catch (error) {
        if (isOver()) return;
        this.#leaveLocation();
        this.#calls.rejectSent(lost());
        if (error instanceof AuthError) this.#end(error);
        else if (!(error instanceof Unavailable)) this.#nextCandidate(error);
        else if (!(await this.#prepareRetry(error, reloads++))) this.#conclude(error);
      }
    }
  }

  /** Does what another attempt in the same location needs. Answers whether there is to be one. */
  async #prepareRetry({ reason, remedy }: Unavailable, reloads: number): Promise<boolean> {
    switch (remedy) {
      case "wait":
        if (reloads >= MAX_RELOADS) return false;
        await pause(FIRST_RELOAD_DELAY * 2 ** reloads);
        return true;
      case "rename":
        if (this.#candidates[0] !== "shared" || this.#renames >= MAX_RENAMES) return false;
        this.#renames++;
        console.warn(`wristband-spa-auth: the vault gets another name: ${reason}`);
        return true;
      case "refresh":
        if (this.#isRefreshed) return false;
        this.#isRefreshed = true;
        await fetch(this.#options.url, { cache: "reload" }).catch(() => {});
        return true;
      default:
        return false;
    }
  }

  /** Nothing more can be done about what makes this location unavailable. */
  #conclude(unavailable: Unavailable): void {
    const { reason, remedy } = unavailable;
    // Slowness, and an old script, are no reasons to go elsewhere.
    if (remedy === "wait") this.#end(failure("network", reason));
    else if (remedy === "refresh") this.#end(failure("vault_unavailable", reason));
    else this.#nextCandidate(unavailable);
  }

  /** Connects to the vault in the best location that is left, and has it open the session if it has not. */
  async #enter(isOver: () => boolean): Promise<void> {
    this.#location ??= await prepare(this.#candidates[0] ?? "page", this.#options, this.#renames);
    if (isOver()) return;
    const port = (this.#port = new VaultPort(this.#location, this.#options.url, {
      received: (message, from) => this.#receive(message, from),
      late: () => void this.#joinOthers(isOver),
      lost: () => this.#recover(),
      awaitsAnswer: () => this.#calls.hasSent,
    }));
    // A new session is opened along with the first call, which saves a round trip.
    const opening = this.#openedBy === undefined ? this.#opening() : undefined;
    const { lock, state } = await port.connect(opening?.message, this.#lostLock);
    if (isOver()) return;
    this.#isWelcome = true;
    this.#stopLimit();
    port.expectAnswer();
    this.#lock = lock;
    this.#reportFallback();
    this.#told = state;
    if (opening || lock !== this.#openedBy) {
      const { message, answer } = opening ?? this.#opening();
      if (!opening) port.send(message);
      const { value } = await answer;
      if (isOver()) return;
      // A callback that is none of the vault's fails in this tab alone, and ends no session.
      const error = (value as { error?: Failure } | undefined)?.error;
      if (error && this.#told.status !== "signed-in") this.#told = { status: "failed", error };
      this.#openedBy = lock;
    } else {
      port.send({ event: "returned", online: navigator.onLine });
    }
    this.#isOpened = true;
    this.#isInterrupted = false;
    this.#show(this.#told);
    this.#settleReady.resolve();
    if (port.port) this.#calls.resume(port.port);
    port.expectAnswer();
  }

  /** Goes where the vault of the other tabs is, if they have found that the one of this name is dead. */
  async #joinOthers(isOver: () => boolean): Promise<void> {
    if (this.#location?.kind !== "shared") return;
    const renames = await findRenamed(this.#options.name, MAX_RENAMES).catch(() => undefined);
    if (isOver() || this.#isWelcome || renames === undefined || renames <= this.#renames) return;
    this.#renames = renames;
    this.#leaveLocation();
    this.#resume();
  }

  /** The call that opens the session. What goes wrong with a sign-in is in the state. */
  #opening(): { message: object; answer: Promise<Answer> } {
    return this.#calls.announce("open", { url: location.href, online: navigator.onLine, resumed: this.#isInterrupted });
  }

  #nextCandidate(error: unknown): void {
    const [kind = "page", ...rest] = this.#candidates;
    this.#fallback.push(`${kind}: ${error instanceof Unavailable ? error.reason : String(error)}`);
    if (rest.length) this.#candidates = rest;
    else this.#end(failure("vault_unavailable", this.#fallback.join("; ")));
  }

  /** A weaker location is a loss of security: the app's developers read of it in the console, the app in the state. */
  #reportFallback(): void {
    if (this.#fallback.length === this.#reported) return;
    this.#reported = this.#fallback.length;
    console.warn(`wristband-spa-auth: the vault runs in the ${this.#location?.kind}, because a better location is unavailable.`, ...this.#fallback);
  }

  /** Limits how long calls wait for a vault. */
  #limitWait(): void {
    const detail = `the vault (${this.#options.url}) has not answered for ${CONNECT_TIMEOUT / 1_000} s`;
    this.#timeout ??= setTimeout(() => {
      this.#timeout = undefined;
      const error = failure("timeout", detail);
      // It may still come.
      this.#calls.rejectWaiting(error);
      this.#showFailure(error);
    }, CONNECT_TIMEOUT);
  }

  #stopLimit(): void {
    clearTimeout(this.#timeout);
    this.#timeout = undefined;
  }

  #showFailure(error: AuthError): void {
    this.#show({ status: "failed", error: error.toJSON() });
    this.#settleReady.reject(error);
  }

  /** No vault can be found. */
  #end(error: AuthError): void {
    this.#stop();
    this.#failure = error;
    this.#calls.reject(error);
    this.#showFailure(error);
  }

  /** Ends the attempt to find a vault. */
  #stop(): void {
    this.#attempt++;
    this.#stopLimit();
  }

  #leave(): void {
    this.#isOpened = false;
    this.#isWelcome = false;
    this.#calls.hold();
    this.#port?.close();
    this.#port = undefined;
  }

  /** The page goes away, for good or into the back/forward cache. */
  #suspend(): void {
    const last = this.#port?.depart();
    this.#stop();
    this.#leave();
    this.#calls.hold(last);
  }

  #leaveLocation(): void {
    this.#leave();
    // A worker of this tab that has ended is not started by another call.
    this.#location?.end();
    this.#location = undefined;
  }

  /** The vault is gone: another one is started. */
  #recover(): void {
    this.#isInterrupted ||= this.#isOpened;
    this.#lostLock = this.#lock;
    this.#openedBy = undefined;
    this.#leaveLocation();
    this.#show({ status: "loading" });
    this.#resume();
  }

  /** Finds a vault again. */
  #resume(): void {
    this.#calls.rejectSent(lost());
    this.streams.fail(lost());
    void this.#findVault();
  }

  #receive(message: VaultMessage, port: MessagePort): void {
    switch (message.event) {
      case "state":
        this.#told = message.state;
        // Before, the state of the vault does not say what becomes of this page: it may be a callback.
        if (this.#isOpened) this.#show(this.#told);
        return;
      case "navigate":
        // Whatever a message says, nothing but another page is gone to.
        if (!/^https?:/i.test(message.url)) return;
        return message.keep ? location.assign(message.url) : location.replace(message.url);
      case "replace":
        try {
          history.replaceState(null, "", message.path);
        } catch (error) {
          // WebKit refuses it to pages that do it too often. The code is used all the same, and only once.
          console.warn("wristband-spa-auth: the URL of the page cannot be replaced.", error);
        }
        // The vault goes on when the code is no longer in the address bar.
        port.postMessage({ event: "replaced" });
        // For the app's router it is as if the user had gone back.
        if (message.announce) dispatchEvent(new PopStateEvent("popstate"));
        return;
      case "reopen":
        return port.postMessage(this.#opening().message);
      case "bye":
        return this.#recover();
      case "request":
        return this.requestListeners.forEach((listener) => listener(message.request));
      case "answer":
        if (!this.#calls.settle(message.id, message.error && new AuthError(message.error), message)) discard(message);
    }
  }

  /** Shows a state, if it is another one than before. */
  #show({ session, ...wire }: WireState): void {
    this.#session = session;
    const vault = this.#location?.kind ?? this.#candidates[0] ?? "page";
    const shown = { ...wire, vault, vaultFallback: this.#fallback.join("; ") || null };
    const text = JSON.stringify(shown);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#state = withErrors(shown);
    for (const listener of [...this.listeners]) {
      try {
        listener(this.#state);
      } catch (error) {
        // What a listener throws is the app's. The other listeners are called nevertheless.
        reportError(error);
      }
    }
  }

  /** Passes on what only a page notices: that time has passed, that the network has changed, and that the page goes and comes. */
  #listen(): void {
    const on = (name: string, listener: (event: Event) => void): void => {
      addEventListener(name, listener, { signal: this.#events.signal });
    };
    const tick = (): void => {
      this.#port?.send({ event: "tick", online: navigator.onLine });
      if (this.#failure?.retryable) void this.#findVault();
    };
    for (const name of ["focus", "visibilitychange", "online", "offline"]) on(name, tick);
    // A page in the back/forward cache is no tab of the app: it hears nothing, and keeps no vault alive.
    on("pagehide", () => this.#suspend());
    on("pageshow", (event) => ((event as PageTransitionEvent).persisted ? this.#resume() : tick()));
  }
}

/** A state with its errors as `AuthError`. */
function withErrors(shown: object): AuthState {
  const state = { ...shown } as Record<string, unknown>;
  for (const name of ["error", "trouble"]) if (state[name]) state[name] = new AuthError(state[name] as Failure);
  return state as unknown as AuthState;
}

/** Whether the user reloaded the page: then it is hardly a first visit. */
function isReload(): boolean {
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return navigation?.type === "reload";
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
