// Counts calls, and everything that must not happen.

/** Milliseconds after which a call, or a stream that sends nothing more, counts as hung. */
const HUNG = 20_000;

/**
 * Milliseconds that a stream may continue at the API after its page is gone, or after the app has aborted it. Chromium keeps the connection of
 * an aborted request for up to five seconds, if the rest of the body may be short.
 */
const STREAM_GRACE = 7_000;

/** The errors of calls whose page goes into the back/forward cache. The session disconnects there. */
const AFTER_TRIP = ['vault_lost', 'TypeError', 'AbortError', 'network'];

/** How many calls of each kind of error are kept as examples. */
const MAX_EXAMPLES = 5;

export class Ledger {
  hung = [];
  left = [];
  lost = [];
  /** Sessions that came back only when the user reloaded the page: the provider did not answer, or a second response to a renewal was lost at once. */
  interrupted = [];
  stranded = [];
  /** Uncaught errors of pages and workers. */
  uncaught = [];
  /** What users did with their tabs. */
  visits = [];
  /** What the script itself could not do. */
  problems = [];
  calls = {};
  /** Durations of quick calls without any fault, in milliseconds. */
  quick = [];
  /** Calls that ended with an unexpected result. */
  #failed = [];
  #api;
  #faults;
  #open = new Map();
  #start = Date.now();
  /** Checks that are still due. */
  #due = new Set();

  constructor(api, faults) {
    this.#api = api;
    this.#faults = faults;
  }

  /** Seconds since the start. */
  now() {
    return Math.round((Date.now() - this.#start) / 100) / 10;
  }

  /** The members of every entry. */
  entry(tab, members) {
    return { at: this.now(), tab: tab.index, during: this.#faults.names(), ...members };
  }

  note(list, tab, members) {
    this[list].push(this.entry(tab, members));
  }

  begin(tab, { id, kind, doc }) {
    this.calls[kind] = (this.calls[kind] ?? 0) + 1;
    this.#open.set(id, { tab, id, kind, doc, since: Date.now(), hasTravelled: Boolean(tab.isAway) });
  }

  /** A stream continues. */
  progress({ id }) {
    const call = this.#open.get(id);
    if (call) call.since = Date.now();
  }

  end(tab, { id, outcome, detail, isExpected, milliseconds }) {
    const call = this.#open.get(id);
    if (!call) return;
    this.#checkHung(call);
    this.#open.delete(id);
    if (call.kind === 'quick' && isExpected && !this.#faults.names().length) this.quick.push(milliseconds);
    if (!isExpected) this.#failed.push({ ...call, outcome, detail, time: Date.now(), entry: this.entry(tab, { kind: call.kind, detail }) });
  }

  /** The errors by their code. Which faults were active is known at the end only: that a session was lost shows some seconds later. */
  get errors() {
    const errors = {};
    for (const { tab, outcome, time, hasTravelled, entry } of this.#failed) {
      const error = (errors[outcome] ??= { expected: 0, unexpected: 0, during: {}, examples: [] });
      const excuses = hasTravelled && AFTER_TRIP.includes(outcome) ? ['page was away'] : this.#faults.excuses(tab, outcome, time);
      error[excuses.length ? 'expected' : 'unexpected'] += 1;
      for (const name of excuses) error.during[name] = (error.during[name] ?? 0) + 1;
      if (!excuses.length && error.examples.length < MAX_EXAMPLES) error.examples.push(entry);
    }
    return errors;
  }

  #checkHung(call) {
    const waited = Date.now() - call.since;
    if (waited < HUNG || call.isHung) return;
    call.isHung = true;
    const others = [...this.#api.open.values()].map(({ path }) => path);
    this.note('hung', call.tab, { kind: call.kind, id: call.id, seconds: Math.round(waited / 1000), isAtApi: this.#api.open.has(call.id), others });
  }

  /** Checks the calls that are open now. */
  checkAll() {
    for (const call of this.#open.values()) if (!call.tab.isAway) this.#checkHung(call);
  }

  get openCalls() {
    return this.#open.size;
  }

  /** The app has aborted a call. */
  aborted(tab, { id }) {
    this.#expectEnd(tab, 'aborted', (other) => other === id);
  }

  /** A page is gone for good: its calls are no longer waited for. */
  documentEnded(tab, doc, why) {
    for (const [id, call] of this.#open) {
      if (call.doc !== doc) continue;
      this.#checkHung(call);
      this.#open.delete(id);
    }
    this.#expectEndOfAll(tab, doc, why);
  }

  /** A page was left, and may come back. */
  documentLeft(tab, doc) {
    for (const call of this.#open.values()) if (call.doc === doc) call.hasTravelled = true;
    this.#expectEndOfAll(tab, doc, 'left');
  }

  /** The page is back after this many milliseconds, during which it did not wait. It still waits for these calls only. */
  documentBack(doc, away, open) {
    for (const [id, call] of this.#open) {
      if (call.doc !== doc) continue;
      call.since += away;
      if (!open.includes(id)) this.#open.delete(id);
    }
  }

  #expectEndOfAll(tab, doc, why) {
    // A request in transit arrives after its page is gone.
    const leftAt = Date.now() + 500;
    this.#expectEnd(tab, why, (id, since) => id?.startsWith(`${doc}-`) && since < leftAt);
  }

  /** Checks after a while whether the API still sends one of these. If so, it is ended, so that one fault is counted once. */
  #expectEnd(tab, why, matches) {
    const check = setTimeout(() => {
      this.#due.delete(check);
      for (const [id, { path, response, since }] of this.#api.open) {
        if (!matches(id, since)) continue;
        this.note('left', tab, { why, path, id });
        response.destroy();
      }
    }, STREAM_GRACE);
    this.#due.add(check);
  }

  get isSettled() {
    return this.#due.size === 0;
  }
}
