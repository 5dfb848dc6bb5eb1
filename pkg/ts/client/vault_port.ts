import { AuthError } from "../errors.js";
import { VERSION } from "../version.js";
import { diagnose, Unavailable, type VaultLocation } from "./location.js";
import { readMessage, type VaultMessage } from "./messages.js";

/** Milliseconds until a vault that has not welcomed this page is called again. The next call comes after twice as long, and so on. */
const FIRST_RETRY_DELAY = 1_000;
const MAX_RETRY_DELAY = 30_000;

/** Milliseconds after the welcome until locks are requested: nobody waits for them, and a page that starts has other things to do. */
const LOCK_DELAY = 250;

/** A vault that owes an answer and sends nothing for this many milliseconds is asked whether it is alive, and has as long to say so. */
const MAX_SILENCE = 8_000;

/** A page that holds no lock says so often that it is there. Browsers run timers of background pages once a minute. */
const PRESENCE_INTERVAL = 60_000;

/** In a page that stood still, a timer and what the vault sent meanwhile are due together. This many milliseconds let the messages come first. */
const GRACE = 1_000;

export type Welcome = Extract<VaultMessage, { event: "welcome" }>;

/** What a port tells its owner. */
export interface PortHandlers {
  /** A message came, other than those of the handshake. */
  received(message: VaultMessage, port: MessagePort): void;
  /** Nothing has come from the vault yet. */
  late(): void;
  /** The vault has ended, or stands still. */
  lost(): void;
  /** Whether an answer of the vault is outstanding. */
  awaitsAnswer(): boolean;
}

/** The page's end of the connection to one vault: opened, kept alive, and closed. */
export class VaultPort {
  #closed = new AbortController();
  #handlers: PortHandlers;
  #heard = false;
  /** Whether anything has come from the vault. */
  #hasStarted = false;
  /** Whether this tab holds its lock, and the vault watches that. */
  #isLocked = false;
  /** Whether the silence of the vault is being measured. */
  #isWatched = false;
  #location: VaultLocation;
  /** What opens the session, until the vault has it. */
  #opening: object | undefined;
  /** The port that leads to the vault. Until that is known: all that were opened, the first one first. */
  #ports: MessagePort[] = [];
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #url: string;

  constructor(location: VaultLocation, url: string, handlers: PortHandlers) {
    this.#location = location;
    this.#url = url;
    this.#handlers = handlers;
  }

  /**
   * Calls the vault until it welcomes this page, and sends `open` along with the first call. Never gives up: a script that takes long to load
   * is no reason to go elsewhere.
   *
   * `lostLock` is the lock of a vault that was taken for lost: one that names it again lives, and is watched by its answers alone.
   *
   * Rejects with an `AuthError` that every location would have, or with what made this location unavailable. Never settles once it was closed.
   */
  connect(open: object | undefined, lostLock: string | null | undefined): Promise<Welcome> {
    this.#opening = open;
    return new Promise((resolve, reject) => {
      let delay = FIRST_RETRY_DELAY;
      let retry: ReturnType<typeof setTimeout>;
      const failed = (): void => void diagnose(this.#url).then(reject);
      const receive = (port: MessagePort, message: VaultMessage): void => {
        switch (message.event) {
          case "ready":
            return message.version === VERSION ? undefined : reject(versionMismatch(message.version));
          case "failed":
            return reject(message.error ? new AuthError(message.error) : new Unavailable(message.reason ?? "", message.transient && "wait"));
          case "unwatched":
            this.#isLocked = false;
            return this.#present();
          case "welcome":
            this.#stop(retry);
            // The port that was opened first may have led to a worker that was ending. What went along with it is lost.
            if (this.#opening && port !== this.#ports[0]) port.postMessage(this.#opening);
            // It holds the URL of the page, and with it a code that was used.
            this.#opening = undefined;
            this.#keep(port);
            this.#watch(message.tabLock, message.lock === lostLock ? null : message.lock);
            return resolve(message);
          default:
            return this.#handlers.received(message, port);
        }
      };
      const call = (): void => {
        try {
          const port = this.#location.openPort(failed);
          port.onmessage = ({ data }) => {
            const message = readMessage(data);
            this.#heard = this.#hasStarted = true;
            if (message && !this.#closed.signal.aborted) receive(port, message);
          };
          port.postMessage({ event: "hello" });
          if (this.#ports.push(port) === 1 && this.#opening) port.postMessage(this.#opening);
        } catch (error) {
          return reject(error);
        }
        // A shared worker that is about to end still takes calls and answers none. Its successor answers the next call.
        retry = this.#after(delay, call);
        delay = Math.min(2 * delay, MAX_RETRY_DELAY);
      };
      call();
      this.#after(FIRST_RETRY_DELAY, () => this.#hasStarted || this.#handlers.late());
      this.#after(MAX_SILENCE, () => this.#hasStarted || this.#checkStart(reject));
    });
  }

  /**
   * A worker that does not start although its script can be loaded may be dead, and keep its name nevertheless. Where the script is refused, the
   * browser may have failed to say so.
   */
  #checkStart(reject: (reason: Unavailable) => void): void {
    void diagnose(this.#url).then((found) => {
      const unlessStarted = (reason: Unavailable): void => {
        if (!this.#hasStarted) reject(reason);
      };
      const dead = new Unavailable(`the worker of ${this.#url} has not started`, "rename");
      if (!found.remedy) unlessStarted(found);
      else if (found.remedy === "rename" && this.#location.kind === "shared") this.#after(MAX_SILENCE, () => unlessStarted(dead));
    });
  }

  /** The port to the vault. */
  get port(): MessagePort | undefined {
    return this.#ports[0];
  }

  /** Sends something that has no answer. */
  send(message: object): void {
    this.port?.postMessage(message);
  }

  /** The vault owes an answer from now on: it is watched until it owes none. */
  expectAnswer(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    this.#awaitMessage(() => this.#ping());
  }

  /** Disconnects from the vault, and gives up the lock of this tab. */
  close(): void {
    this.depart()?.close();
  }

  /** Disconnects, but for a port over which the page can still send what it does not wait for. */
  depart(): MessagePort | undefined {
    const [last] = this.#ports;
    this.#closed.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    last?.postMessage({ event: "bye" });
    this.#keep(last);
    this.#ports = [];
    return last;
  }

  /** Closes all ports but this one. */
  #keep(kept: MessagePort | undefined): void {
    for (const port of this.#ports) {
      if (port === kept) continue;
      port.postMessage({ event: "bye" });
      port.close();
    }
    this.#ports = kept ? [kept] : [];
  }

  /** Notices when the vault ends, and has the vault notice when this tab does: by Web Locks, which browsers release for whoever ends. */
  #watch(tabLock: string | null, lock: string | null): void {
    const { signal } = this.#closed;
    const request = async (name: string, granted: () => Promise<void> | void): Promise<unknown> => navigator.locks.request(name, { signal }, granted);
    this.#after(LOCK_DELAY, () => {
      const held = (): Promise<void> => {
        this.#isLocked = true;
        this.send({ event: "locked" });
        return new Promise((release) => signal.addEventListener("abort", () => release()));
      };
      // A lock that this tab loses was stolen by a script of the origin: the vault takes this tab for gone.
      if (tabLock) request(tabLock, held).catch(() => this.#isLocked && this.#lost());
      if (lock) request(lock, () => this.#lost()).catch(() => {});
      // Where there are no locks, or site data are blocked, the tab never gets one.
      this.#after(GRACE, () => this.#present());
    });
  }

  /** Says that this tab is there, as long as the vault cannot tell by its lock. */
  #present(): void {
    if (this.#isLocked) return;
    this.send({ event: "present" });
    this.#after(PRESENCE_INTERVAL, () => this.#present());
  }

  /** Waits until the vault has been silent for too long. Ends when it owes no answer. */
  #awaitMessage(silent: () => void): void {
    this.#heard = false;
    const judge = (): void => {
      if (!this.#handlers.awaitsAnswer()) this.#isWatched = false;
      else if (this.#heard) this.#awaitMessage(() => this.#ping());
      else silent();
    };
    this.#after(MAX_SILENCE, () => this.#after(GRACE, judge));
  }

  #ping(): void {
    this.send({ event: "ping" });
    this.#awaitMessage(() => this.#lost());
  }

  #lost(): void {
    if (!this.#closed.signal.aborted) this.#handlers.lost();
  }

  #after(milliseconds: number, work: () => void): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, milliseconds);
    this.#timers.add(timer);
    return timer;
  }

  #stop(timer: ReturnType<typeof setTimeout>): void {
    clearTimeout(timer);
    this.#timers.delete(timer);
  }
}

function versionMismatch(version: string): Unavailable {
  return new Unavailable(`the page has version ${VERSION} of the package, and the vault ${version}`, "refresh");
}
