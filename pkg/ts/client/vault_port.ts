import { AuthError } from "../errors.js";
import { VERSION } from "../version.js";
import { diagnose, Unavailable, type VaultLocation } from "./location.js";
import { readMessage, type VaultMessage } from "./messages.js";

/** Milliseconds until the page opens another port, if the vault has not sent `welcome`. The delay doubles with each attempt. */
const FIRST_RETRY_DELAY = 1_000;
const MAX_RETRY_DELAY = 30_000;

/** Milliseconds after the welcome until locks are requested. They are not urgent, and a page that is starting has other work. */
const LOCK_DELAY = 250;

/** If an answer is outstanding and the vault sends nothing for this many milliseconds, it is pinged. It has the same time to answer the ping. */
const MAX_SILENCE = 8_000;

/** A page without a lock sends `present` at this interval, in milliseconds. Browsers run timers of background pages once a minute. */
const PRESENCE_INTERVAL = 60_000;

/** When a suspended page resumes, timers and messages of the vault are due together. After this many milliseconds the messages have come. */
const GRACE = 1_000;

export type Welcome = Extract<VaultMessage, { event: "welcome" }>;

/** The callbacks of a port. */
export interface PortHandlers {
  /** A message arrived that is not part of the handshake. */
  received(message: VaultMessage, port: MessagePort): void;
  /** The vault has not sent anything yet. */
  late(): void;
  /** The vault has ended, or no longer answers. */
  lost(): void;
  /** Whether an answer of the vault is outstanding. */
  awaitsAnswer(): boolean;
}

/** The page's end of the connection to one vault: opened, kept alive, and closed. */
export class VaultPort {
  #closed = new AbortController();
  #handlers: PortHandlers;
  #heard = false;
  /** Whether the vault has sent anything yet. */
  #hasStarted = false;
  /** Whether this tab holds its lock, and the vault watches that. */
  #isLocked = false;
  /** Whether the vault's silence is being timed. */
  #isWatched = false;
  #location: VaultLocation;
  /** The message that opens the session, until the vault has received it. */
  #opening: object | undefined;
  /** The port to the vault. Until the vault has answered on one: all opened ports, oldest first. */
  #ports: MessagePort[] = [];
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #url: string;

  constructor(location: VaultLocation, url: string, handlers: PortHandlers) {
    this.#location = location;
    this.#url = url;
    this.#handlers = handlers;
  }

  /**
   * Sends `hello` until the vault welcomes this page, and `open` along with the first one. It does not give up on a script that takes long to
   * load.
   *
   * `lostLock` is the lock of the vault that was lost. A vault that names it again is still running, and is watched by its answers only.
   *
   * Rejects with an `AuthError` if every location would fail, or with the reason why this location is unavailable. Never settles after `close`.
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
            return this.#reportPresence();
          case "welcome":
            this.#stop(retry);
            // The first port may have led to a worker that was ending. The message sent over it is lost.
            if (this.#opening && port !== this.#ports[0]) port.postMessage(this.#opening);
            // It contains the URL of the page, which may have an authorization code that is now used.
            this.#opening = undefined;
            this.#selectPort(port);
            this.#watchLiveness(message.tabLock, message.lock === lostLock ? null : message.lock);
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
        // A shared worker that is about to end still accepts ports, but does not answer. Its successor answers the next one.
        retry = this.#after(delay, call);
        delay = Math.min(2 * delay, MAX_RETRY_DELAY);
      };
      call();
      this.#after(FIRST_RETRY_DELAY, () => this.#hasStarted || this.#handlers.late());
      this.#after(MAX_SILENCE, () => this.#hasStarted || this.#checkStart(reject));
    });
  }

  /**
   * A worker that does not start although its script can be loaded may be dead and still occupy its name. If the script is refused, the browser
   * may have failed to report it.
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

  /** Sends a message that has no answer. */
  send(message: object): void {
    this.port?.postMessage(message);
  }

  /** Watches the vault for silence until no answer is outstanding. */
  expectAnswer(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    this.#awaitMessage(() => this.#ping());
  }

  /** Disconnects from the vault, and releases this tab's lock. */
  close(): void {
    this.disconnect()?.close();
  }

  /** Disconnects, but keeps open and returns a port over which the page can still send calls with `keepalive`. */
  disconnect(): MessagePort | undefined {
    const [last] = this.#ports;
    this.#closed.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    last?.postMessage({ event: "bye" });
    this.#selectPort(last);
    this.#ports = [];
    return last;
  }

  /** Closes all other ports. */
  #selectPort(kept: MessagePort | undefined): void {
    for (const port of this.#ports) {
      if (port === kept) continue;
      port.postMessage({ event: "bye" });
      port.close();
    }
    this.#ports = kept ? [kept] : [];
  }

  /** Detects that the vault has ended, and lets the vault detect that this tab has: the browser releases the Web Locks of both. */
  #watchLiveness(tabLock: string | null, lock: string | null): void {
    const { signal } = this.#closed;
    const request = async (name: string, granted: () => Promise<void> | void): Promise<unknown> => navigator.locks.request(name, { signal }, granted);
    this.#after(LOCK_DELAY, () => {
      const held = (): Promise<void> => {
        this.#isLocked = true;
        this.send({ event: "locked" });
        return new Promise((release) => signal.addEventListener("abort", () => release()));
      };
      // If this tab loses its lock, a script of the origin has stolen it, and the vault treats this tab as closed.
      if (tabLock) request(tabLock, held).catch(() => this.#isLocked && this.#lost());
      if (lock) request(lock, () => this.#lost()).catch(() => {});
      // Without Web Locks, or with site data blocked, the tab never gets a lock.
      this.#after(GRACE, () => this.#reportPresence());
    });
  }

  /** Tells the vault regularly that this tab is open, as long as the tab has no lock that shows it. */
  #reportPresence(): void {
    if (this.#isLocked) return;
    this.send({ event: "present" });
    this.#after(PRESENCE_INTERVAL, () => this.#reportPresence());
  }

  /** Calls `silent` if the vault sends nothing for `MAX_SILENCE`. Stops when no answer is outstanding. */
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
