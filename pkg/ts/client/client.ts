import { AuthError, type Failure } from "../errors.js";
import { failure } from "../failure.js";
import type { AuthState, LastSignIn, VaultKind } from "../types.js";
import { watchActivity } from "./activity.js";
import { AddressBar } from "./address_bar.js";
import { type CallOptions, PendingCalls } from "./calls.js";
import { discard } from "./fetch.js";
import { isFirstVisit } from "./first_visit.js";
import { findRenamed, prepare, Unavailable, type VaultLocation, type VaultSource } from "./location.js";
import type { Answer, VaultMessage, WireState } from "./messages.js";
import { OpenStreams } from "./streams.js";
import { VaultPort } from "./vault_port.js";

/** Milliseconds until waiting calls reject because no vault has answered. The client keeps trying to connect. */
const CONNECT_TIMEOUT = 30_000;

/** Milliseconds until a worker's script is loaded again after the network failed. Each further delay is twice as long. */
const FIRST_RELOAD_DELAY = 1_000;
const MAX_RELOADS = 3;

/** How many other names a shared worker is tried under. */
const MAX_RENAMES = 2;

/** The worker is started at most this many milliseconds later, so that the check for a first visit can finish before. */
const HEAD_START = 200;

export type StateListener = (state: AuthState) => void;

/** The options of a client. */
export interface ClientOptions extends VaultSource {
  /** The kinds of vault to try, best first. */
  readonly candidates: readonly VaultKind[];
  readonly clientId: string;
  /** After how many seconds without activity the session ends. */
  readonly idleAfter?: number | undefined;
  readonly loginUrl: unknown;
  /** Hands the page to which a sign-in returns to the app's router. */
  readonly navigate?: ((path: string) => void) | undefined;
}

const disposed = (): AuthError => failure("disposed");
const lost = (): AuthError => failure("vault_lost");

/**
 * The page's part of a session: connects to a vault, shows its state, forwards calls, and does for the vault what only a page can do. If the
 * vault is lost, it connects to another one.
 */
export class Client {
  readonly listeners = new Set<StateListener>();
  /** For demos and tests: called after each request of the session. */
  readonly requestListeners = new Set<(request: unknown) => void>();
  /** Fulfilled when it is known whether the user is signed in. Rejects if no vault could be started. */
  readonly ready: Promise<void>;
  readonly streams = new OpenStreams();
  /** What the sign-in that this page load has finished came to. */
  lastSignIn: LastSignIn | null = null;
  #addressBar: AddressBar;
  /** The number of the current attempt to find a vault. Earlier attempts stop. */
  #attempt = 0;
  #calls = new PendingCalls();
  #candidates: readonly VaultKind[];
  #disposed = false;
  #events = new AbortController();
  /** Why the client has stopped looking for a vault. */
  #failure: AuthError | undefined;
  /** Why the vault is not in a better location: one reason for each location that failed. */
  #fallback: string[] = [];
  /** Whether the vault has opened the session for this page. */
  #isOpened = false;
  /** Whether the vault was lost after this page had opened the session. */
  #isInterrupted = false;
  /** Whether the script was loaded again, bypassing the cache. */
  #isRefreshed = false;
  #isWelcome = false;
  #location: VaultLocation | undefined;
  /** The name of the Web Lock of the vault that serves this page. Each vault has its own. */
  #lock: string | null | undefined;
  /** The lock of the vault that was lost. A vault that names this lock is still running: a script of the origin stole the lock. */
  #lostLock: string | null | undefined;
  /** The lock of the vault in which this page has opened the session. */
  #openedBy: string | null | undefined;
  #options: ClientOptions;
  /** Whether the app's router has yet to be given `#returnTo`. */
  #owesReturn = false;
  #port: VaultPort | undefined;
  /** The page of the app to which the sign-in of this page load returned. */
  #returnTo: string | null = null;
  /** How many names of a shared worker were given up. All tabs try the same names, in the same order. */
  #renames = 0;
  /** How many entries of `#fallback` were written to the console. */
  #reported = 0;
  /** The number of the session that the app sees. */
  #session: unknown;
  #settleReady!: { resolve(): void; reject(error: AuthError): void };
  /** The last state that was shown, as JSON. */
  #shown = "";
  #state!: AuthState;
  /** The last state that came from the vault. */
  #told: WireState = { status: "loading" };
  #timeout: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#candidates = options.candidates;
    this.#addressBar = new AddressBar(this.#events.signal, () => this.#follow());
    this.ready = new Promise((resolve, reject) => (this.#settleReady = { resolve, reject }));
    // An app may ignore this promise and use the state only.
    this.ready.catch(() => {});
    this.#show(this.#told);
    this.#listen();
    void this.#start();
  }

  get state(): AuthState {
    return this.#state;
  }

  /** Calls the vault. If none is connected, the call waits for the next one. */
  async call(command: string, options?: CallOptions): Promise<Answer> {
    if (this.#disposed) throw disposed();
    if (this.#failure && !this.#failure.retryable) throw this.#failure;
    if (options?.keepalive && !this.#canOutlivePage()) {
      throw failure("config_invalid", "keepalive: in this browser, or in this location of the vault, no request outlives its page");
    }
    // The call belongs to the session that the app sees now. The vault does not make it in another session.
    const answer = this.#calls.make(command, { ...options, members: { ...options?.members, session: this.#session, outlivesPages: this.#location?.outlivesPages } });
    if (this.#failure) void this.#findVault();
    else if (this.#isWelcome) this.#port?.expectAnswer();
    else this.#limitWait();
    return answer;
  }

  /** A worker ends with its tab, and a shared worker with the last tab. A vault in the page can send requests until the page is left. */
  #canOutlivePage(): boolean {
    const location = this.#location;
    return !location || location.outlivesPages || (location.kind === "page" && this.#port !== undefined);
  }

  /** Tells the vault to forget a call: the page has received the whole response, or needs no more of it. */
  release(id: number): void {
    this.#port?.send({ event: "abort", id });
  }

  /** Rejects all calls of an owner that was disposed. */
  giveUp(owner: object): void {
    this.#calls.abort(owner, disposed());
  }

  dispose(): void {
    this.#disposed = true;
    this.#stop();
    this.#closeLocation();
    this.#events.abort();
    this.listeners.clear();
    this.requestListeners.clear();
    this.streams.fail(disposed());
    this.#calls.reject(disposed());
    this.#settleReady.reject(disposed());
  }

  /** On a first visit the answer needs no vault, and starting a worker would delay it. So the worker starts afterwards, or after `HEAD_START`. */
  async #start(): Promise<void> {
    const { clientId, loginUrl } = this.#options;
    const answered = isFirstVisit(clientId, loginUrl).then((isFirst) => isFirst && this.#answerEarly());
    if (!isReload()) await Promise.race([answered, pause(HEAD_START)]);
    if (!this.#disposed) void this.#findVault();
  }

  /** Shows `signed-out` on a first visit, without waiting for the vault. The vault's state replaces this one when it arrives. */
  #answerEarly(): void {
    if (this.#disposed || this.#state.status !== "loading") return;
    this.#show({ status: "signed-out", reason: "never-signed-in" });
    this.#settleReady.resolve();
  }

  /** Tries the candidates in turn until a vault serves this page. A slow one is not skipped. */
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
        this.#closeLocation();
        this.#calls.rejectSent(lost());
        if (error instanceof AuthError) this.#end(error);
        else if (!(error instanceof Unavailable)) this.#nextCandidate(error);
        else if (!(await this.#prepareRetry(error, reloads++))) this.#conclude(error);
      }
    }
  }

  /** Prepares another attempt in the same location. Returns `false` if there is nothing left to try there. */
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

  /** This location remains unavailable: fails, or goes on to the next candidate. */
  #conclude(unavailable: Unavailable): void {
    const { reason, remedy } = unavailable;
    // A failing network, or an old script, is no reason to try a weaker location.
    if (remedy === "wait") this.#end(failure("network", reason));
    else if (remedy === "refresh") this.#end(failure("vault_unavailable", reason));
    else this.#nextCandidate(unavailable);
  }

  /** Connects to the vault in the best remaining location. Opens the session there, unless this page already has. */
  async #enter(isOver: () => boolean): Promise<void> {
    this.#location ??= await prepare(this.#candidates[0] ?? "page", this.#options, this.#renames);
    if (isOver()) return;
    const port = (this.#port = new VaultPort(this.#location, this.#options.url, {
      received: (message, from) => this.#receive(message, from),
      late: () => void this.#joinOthers(isOver),
      lost: () => this.#reconnect(),
      awaitsAnswer: () => this.#calls.hasSent,
    }));
    // The message that opens a new session is sent along with the hello, which saves a round trip.
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
      const { error, signedIn } = (value ?? {}) as { error?: Failure; signedIn?: boolean };
      if (error || signedIn) this.lastSignIn = { returnTo: this.#returnTo, error: error ? new AuthError(error) : null };
      // A callback of no login of this session fails in this tab only, and does not end the session.
      if (error && this.#told.status !== "signed-in") this.#told = { status: "failed", error };
      this.#openedBy = lock;
    } else {
      port.send({ event: "returned", online: navigator.onLine });
    }
    this.#isOpened = true;
    this.#isInterrupted = false;
    this.#show(this.#told);
    this.#deliverReturn();
    this.#settleReady.resolve();
    if (port.port) this.#calls.resume(port.port);
    port.expectAnswer();
  }

  /** Connects to the vault of the other tabs, if they gave up this worker's name because it does not answer. */
  async #joinOthers(isOver: () => boolean): Promise<void> {
    if (this.#location?.kind !== "shared") return;
    const renames = await findRenamed(this.#options.name, MAX_RENAMES).catch(() => undefined);
    if (isOver() || this.#isWelcome || renames === undefined || renames <= this.#renames) return;
    this.#renames = renames;
    this.#closeLocation();
    this.#resume();
  }

  /** The call that opens the session. If a sign-in fails, the state says so. */
  #opening(): { message: object; answer: Promise<Answer> } {
    return this.#calls.announce("open", { url: location.href, online: navigator.onLine, resumed: this.#isInterrupted });
  }

  #nextCandidate(error: unknown): void {
    const [kind = "page", ...rest] = this.#candidates;
    this.#fallback.push(`${kind}: ${error instanceof Unavailable ? error.reason : String(error)}`);
    if (rest.length) this.#candidates = rest;
    else {
      this.#reportFallback("no vault could be started.");
      this.#end(failure("vault_unavailable", this.#fallback.join("; ")));
    }
  }

  /** Says on the console why locations were unavailable: a weaker one is less secure. The app finds the same in the state. */
  #reportFallback(outcome = `the vault runs in the ${this.#location?.kind}, because a better location is unavailable.`): void {
    if (this.#fallback.length === this.#reported) return;
    this.#reported = this.#fallback.length;
    console.warn(`wristband-spa-auth: ${outcome}`, ...this.#fallback);
  }

  /** Starts the timeout of calls that wait for a vault. */
  #limitWait(): void {
    const detail = `the vault (${this.#options.url}) has not answered for ${CONNECT_TIMEOUT / 1_000} s`;
    this.#timeout ??= setTimeout(() => {
      this.#timeout = undefined;
      const error = failure("timeout", detail);
      // The vault may still answer: the search goes on.
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
    this.#deliverReturn();
    this.#settleReady.reject(error);
  }

  /** No vault can be found. */
  #end(error: AuthError): void {
    this.#stop();
    this.#failure = error;
    this.#calls.reject(error);
    this.#showFailure(error);
  }

  /** Stops the current attempt to find a vault. */
  #stop(): void {
    this.#attempt++;
    this.#stopLimit();
  }

  #disconnect(): void {
    this.#isOpened = false;
    this.#isWelcome = false;
    this.#calls.hold();
    this.#port?.close();
    this.#port = undefined;
  }

  /** The page is being left, for good or into the back/forward cache. */
  #suspend(): void {
    const last = this.#port?.disconnect();
    this.#stop();
    this.#disconnect();
    this.#calls.hold(last);
  }

  #closeLocation(): void {
    this.#disconnect();
    // A dedicated worker that has ended cannot be connected to again: the next attempt starts a new one.
    this.#location?.end();
    this.#location = undefined;
  }

  /** The vault was lost: starts another one. */
  #reconnect(): void {
    this.#isInterrupted ||= this.#isOpened;
    this.#lostLock = this.#lock;
    this.#openedBy = undefined;
    this.#closeLocation();
    this.#show({ status: "loading" });
    this.#resume();
  }

  /** Rejects the calls that were sent, and connects again. */
  #resume(): void {
    this.#calls.rejectSent(lost());
    this.streams.fail(lost());
    void this.#findVault();
  }

  #receive(message: VaultMessage, port: MessagePort): void {
    switch (message.event) {
      case "state":
        this.#told = message.state;
        // Before that, the vault's state does not include the outcome of this page, which may be a callback.
        if (this.#isOpened) this.#show(this.#told);
        return;
      case "navigate":
        // Only http and https URLs: a `javascript:` URL would run as a script of this page.
        if (!/^https?:/i.test(message.url)) return;
        return message.keep ? location.assign(message.url) : location.replace(message.url);
      case "replace":
        this.#addressBar.replace(message.path);
        // The vault waits for this before it redeems the code.
        port.postMessage({ event: "replaced" });
        if (!message.announce) return;
        this.#returnTo = message.path;
        if (this.#options.navigate) this.#owesReturn = true;
        else this.#follow();
        return;
      case "reopen":
        return port.postMessage(this.#opening().message);
      case "bye":
        return this.#reconnect();
      case "request":
        return this.requestListeners.forEach((listener) => listener(message.request));
      case "answer":
        if (!this.#calls.settle(message.id, message.error && new AuthError(message.error), message)) discard(message);
    }
  }

  /** Lets the app's router show the page to which the sign-in returns. Without `navigate`, routers follow the URL as after Back. */
  #follow(): void {
    const { navigate } = this.#options;
    if (!navigate) return void dispatchEvent(new PopStateEvent("popstate"));
    if (this.#returnTo === null || this.#owesReturn) return;
    try {
      navigate(this.#returnTo);
    } catch (error) {
      reportError(error);
    }
  }

  /** The sign-in of this page load has ended: the router goes to its page before anything that waits for `ready` continues. */
  #deliverReturn(): void {
    if (!this.#owesReturn) return;
    this.#owesReturn = false;
    this.#follow();
    this.#addressBar.readLater();
  }

  /** Shows a state and calls the listeners, if the state differs from the last one. */
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
        // Errors of a listener belong to the app. The other listeners are called nevertheless.
        reportError(error);
      }
    }
  }

  /** Forwards the events that only a page receives: focus and visibility, online and offline, leaving the page and coming back. */
  #listen(): void {
    const on = (name: string, listener: (event: Event) => void): void => {
      addEventListener(name, listener, { signal: this.#events.signal });
    };
    const tick = (): void => {
      this.#port?.send({ event: "tick", online: navigator.onLine });
      if (this.#failure?.retryable) void this.#findVault();
    };
    for (const name of ["focus", "visibilitychange", "online", "offline"]) on(name, tick);
    // A page in the back/forward cache does not count as a tab: it receives nothing, and keeps no vault alive.
    const { idleAfter } = this.#options;
    if (idleAfter) watchActivity(idleAfter, this.#events.signal, () => this.#port?.send({ event: "active" }));
    on("pagehide", () => this.#suspend());
    on("pageshow", (event) => ((event as PageTransitionEvent).persisted ? this.#resume() : tick()));
  }
}

/** A state with its errors converted to `AuthError`. */
function withErrors(shown: object): AuthState {
  const state = { ...shown } as Record<string, unknown>;
  for (const name of ["error", "renewalError"]) if (state[name]) state[name] = new AuthError(state[name] as Failure);
  return state as unknown as AuthState;
}

/** Whether the page was reloaded. A reload is hardly ever a first visit. */
function isReload(): boolean {
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return navigation?.type === "reload";
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
