/** Milliseconds after which the URL is read again, in browsers that do not tell when it changes. */
const LATER = [0, 100, 500, 2_000];

/** The parameters of a URL, encoded in one way: a router may write the same code as `4/0A` or `4%2F0A`. */
const parametersOf = (url: string): string => String(new URL(url, location.href).searchParams);

/** Replaces the URL of a callback in the address bar, and keeps it out. */
export class AddressBar {
  /** The parameters of the callback, which no other URL has. */
  #callback: string | undefined;
  /** What has replaced it. */
  #path = "";
  #replacedAgain: () => void;
  #signal: AbortSignal;

  /**
   * A router that has read the URL of a callback before it was replaced may put it back when it shows its first page. `replacedAgain` is called
   * after it was replaced again.
   */
  constructor(signal: AbortSignal, replacedAgain: () => void) {
    this.#signal = signal;
    this.#replacedAgain = replacedAgain;
  }

  /** Replaces the URL of the page. */
  replace(path: string): void {
    if (this.#callback === undefined) {
      this.#callback = parametersOf(location.href);
      const { navigation } = globalThis as { navigation?: EventTarget };
      navigation?.addEventListener("currententrychange", () => this.#read(), { signal: this.#signal });
    }
    this.#path = path;
    this.#set(null);
    if (!("navigation" in globalThis)) this.readLater();
  }

  /** Reads the URL a few times in the next seconds: routers show their first page after something that they wait for. */
  readLater(): void {
    for (const milliseconds of LATER) setTimeout(() => this.#read(), milliseconds);
  }

  #read(): void {
    const { href } = location;
    if (this.#signal.aborted || parametersOf(href) !== this.#callback || parametersOf(this.#path) === this.#callback) return;
    this.#set(history.state);
    // The router has not finished yet.
    setTimeout(this.#replacedAgain);
  }

  #set(state: unknown): void {
    try {
      history.replaceState(state, "", this.#path);
    } catch (error) {
      // WebKit limits how often a page may do this. The code is redeemed nevertheless, and only once.
      console.warn("wristband-spa-auth: the URL of the page cannot be replaced.", error);
    }
  }
}
