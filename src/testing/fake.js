// The page's client as tests fake it: no vault, no network.

export class FakeHandle {
  ready = Promise.resolve();
  lastSignIn = null;
  #answers = new Map();
  #calls = [];
  #listeners = new Set();
  #responses = [];
  #unlisted;

  /** `unlisted` is the error of a request that the test has given no response to. */
  constructor(state, unlisted) {
    this.state = state;
    this.#unlisted = unlisted;
  }

  /** The calls so far, as JSON: each with its `command` and its members. */
  get calls() {
    return JSON.stringify(this.#calls);
  }

  show(state) {
    this.state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }

  finishSignIn(lastSignIn) {
    this.lastSignIn = lastSignIn;
  }

  answer(command, value, error) {
    this.#answers.set(command, { value, error });
  }

  respond(url, status, type, body) {
    this.#responses.unshift({ url, status, type, body });
  }

  subscribe(listener) {
    const own = (state) => listener(state);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async call(command, members) {
    this.#calls.push({ command, ...members });
    const { value, error } = this.#answers.get(command) ?? {};
    if (error) throw error;
    return value;
  }

  async fetch(request) {
    this.#calls.push({ command: "fetch", url: request.url, method: request.method, body: await request.clone().text() });
    const found = this.#responses.find(({ url }) => request.url.startsWith(url));
    if (!found) throw this.#unlisted;
    const response = new Response(found.body, { status: found.status, headers: { "Content-Type": found.type } });
    Object.defineProperty(response, "url", { value: request.url });
    return response;
  }

  dispose() {}
}
