/** Milliseconds after which the URL is read again, in browsers that do not tell when it changes. */
const LATER = [0, 100, 500, 2_000];

/** A shorter `state` can be a part of other URLs. The library's own are longer. */
const MIN_LENGTH = 16;

/** A URL without its encodings: a router may write the same code as `4/0A` or `4%2F0A`, or put it into a parameter of its own. */
function decoded(url: string): string {
  try {
    const once = decodeURIComponent(url);
    return once === url ? url : decoded(once);
  } catch {
    return url;
  }
}

/** Replaces the URL of a callback in the address bar, and keeps it out. */
export class AddressBar {
  /** The `state` of the callback, which no other URL has. The code is not kept, although it is used up. */
  #state: string | undefined;
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
    if (this.#state === undefined) {
      this.#state = decoded(new URL(location.href).searchParams.get("state") ?? "");
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
    const state = this.#state ?? "";
    const isBack = (url: string): boolean => state.length >= MIN_LENGTH && decoded(url).includes(state);
    if (this.#signal.aborted || !isBack(location.href) || isBack(this.#path)) return;
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
