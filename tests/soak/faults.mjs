// The faults while the tabs work. Each one lists the codes that a call may end with while it lasts, and for a while afterwards; whether a
// session can be restored meanwhile; and whether responses of the provider get lost.

/** Milliseconds after a fault during which its errors are still expected: backoff grows to this length meanwhile. */
const AFTERMATH = 15_000;

const NETWORK = ['network', 'timeout', 'TypeError'];
/** A call that an API has refused, and for which no token can be renewed, ends with the API's own response. */
const REFUSED = 'wrong answer: status 401';
const PROVIDER = ['provider_unavailable', REFUSED, ...NETWORK];

/** The errors of calls without a session. */
export const WITHOUT_SESSION = ['not_signed_in', 'invalid_grant', 'AbortError', REFUSED, ...NETWORK];

/** The endpoints of the provider. Its own API is not used. */
const ENDPOINTS = ['token', 'userinfo', 'jwks', 'revoke', 'authorize', 'validate', 'sdk', 'discovery', 'logout', 'login'];

const MANY = 1_000_000;

/** A fault of the whole provider. */
const ofProvider = (members) => ({
  begin: ({ provider }) => { for (const endpoint of ENDPOINTS) provider.control.addFault({ endpoint, times: MANY, ...members }); },
  end: ({ provider }) => provider.control.clearFaults(),
});

const refused = ofProvider({ status: 503 });
const cut = ofProvider({ drop: 'before' });

/** The provider renews, and its responses are lost: afterwards it refuses the refresh tokens that it has replaced. */
const lostAnswers = {
  begin: ({ provider }) => provider.control.addFault({ endpoint: 'token', grant: 'refresh_token', times: MANY, drop: 'after' }),
  end: ({ provider }) => provider.control.clearFaults(),
};

/** The browser reports offline, and no request is answered: workers do not learn of the former. */
const offline = {
  async begin(world) {
    await world.context.setOffline(true);
    await Promise.all([world.api.down(), cut.begin(world)]);
  },
  async end(world) {
    await Promise.all([world.api.up(), cut.end(world)]);
    await world.context.setOffline(false);
  },
};

export const FAULTS = [
  { name: 'provider answers 503', seconds: 10, codes: PROVIDER, stopsRestore: true, ...refused },
  { name: 'API down', seconds: 10, codes: NETWORK, begin: ({ api }) => api.down(), end: ({ api }) => api.up() },
  { name: 'logout', seconds: 0, codes: WITHOUT_SESSION, begin: (world) => world.logOutAndIn(), end() {} },
  { name: 'provider cuts connections', seconds: 10, codes: PROVIDER, stopsRestore: true, ...cut },
  { name: 'keys rotated', seconds: 0, codes: [], begin: ({ provider }) => provider.control.rotateKeys({}), end() {} },
  { name: 'offline', seconds: 15, codes: ['offline', ...PROVIDER], stopsRestore: true, losesAnswers: true, ...offline },
  { name: 'answers to renewals lost', seconds: 3, codes: [...PROVIDER, ...WITHOUT_SESSION], losesAnswers: true, ...lostAnswers },
];

/** The current faults, and the past ones. */
export class FaultLog {
  log = [];

  /** `tab` is set if the fault concerns only that one, and `from` if it was noticed late. */
  begin({ name, codes = [], losesAnswers = false, stopsRestore = false, tab, from = Date.now() }) {
    const entry = { name, codes, losesAnswers, stopsRestore, tab, from, to: Infinity };
    this.log.push(entry);
    return { end: () => { entry.to = Date.now(); } };
  }

  #active(time) {
    return this.log.filter(({ from, to }) => time >= from && time <= to + AFTERMATH);
  }

  names() {
    return this.#active(Date.now()).map(({ name }) => name);
  }

  /** The faults that excuse this code for a call of this tab at that time. */
  excuses(tab, code, time) {
    const faults = this.#active(time).filter((fault) => fault.codes.includes(code) && (!fault.tab || fault.tab === tab));
    return [...new Set(faults.map(({ name }) => name))];
  }

  /** Whether a fault of this name is active. */
  isOn(name) {
    return this.log.some((entry) => entry.name === name && entry.to === Infinity);
  }

  /** Whether no session could be restored at that time, or since. */
  stopsRestore(time) {
    return this.#active(time).some(({ stopsRestore }) => stopsRestore);
  }

  /** Whether the provider is down at the moment. */
  get isProviderDown() {
    return this.log.some(({ stopsRestore, to }) => stopsRestore && to === Infinity);
  }

  /** Whether a session may end at that time because a response to a renewal was lost: the refusal comes with the next attempt. */
  endsSessions(time) {
    return this.#active(time).some(({ losesAnswers }) => losesAnswers);
  }

  /** Whether a response that the provider sent then may not have arrived. */
  losesAnswers(time) {
    return this.log.some(({ losesAnswers, from, to }) => losesAnswers && time >= from - 1_000 && time <= to + 1_000);
  }

  shown(start) {
    const seconds = (time) => (Number.isFinite(time) ? Math.round((time - start) / 1000) : null);
    return this.log.map(({ name, tab, from, to }) => ({ name, ...(tab && { tab: tab.index }), from: seconds(from), to: seconds(to) }));
  }
}
