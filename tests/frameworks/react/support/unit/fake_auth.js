// Stands for the package's `index.js`: sessions that a test controls.

/** The sessions that were opened, oldest first. */
export const opened = [];

/** An error as the package makes it. */
export const errorOf = (code, sentence, detail = '') => Object.assign(
  new Error(`user: ${sentence}${detail && `: ${detail}`} (${code})`), { name: 'AuthError', code, blame: 'user', retryable: false, detail },
);

/** Whether sessions cannot be opened. */
let isBroken = false;
export const breakSessions = () => { isBroken = true; };

export function openAuth(options) {
  if (typeof document === 'undefined') throw errorOf('config_invalid', 'there is no page here');
  if (isBroken) throw errorOf('config_invalid', 'the configuration is not valid');
  const auth = fakeAuth(options);
  opened.push(auth);
  return auth;
}

/** A session that is loading. `calls` has what was called; the calls are answered with `answer` or `refuse`. */
export function fakeAuth(options) {
  const listeners = new Set();
  const pending = [];
  const calls = [];
  const call = (name) => (...args) => {
    calls.push([name, ...args]);
    return new Promise((resolve, reject) => pending.push({ name, resolve, reject }));
  };
  const take = (name) => pending.splice(pending.findIndex((each) => each.name === name), 1)[0];
  const auth = {
    options,
    calls,
    isDisposed: false,
    lastSignIn: null,
    ready: new Promise(() => {}),
    state: { status: 'loading', vault: 'shared', vaultFallback: null },
    set(state) {
      auth.state = { vault: 'shared', vaultFallback: null, ...state };
      listeners.forEach((listener) => listener(auth.state));
    },
    signIn: (userId) => auth.set({ status: 'signed-in', userId, tenantId: 'acme' }),
    answer: (name, value) => take(name).resolve(value),
    refuse: (name, error) => take(name).reject(error),
    listenerCount: () => listeners.size,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispose: () => { auth.isDisposed = true; },
  };
  for (const name of ['accessToken', 'fetch', 'login', 'loginFromUrl', 'logout', 'renew', 'userInfo']) auth[name] = call(name);
  return auth;
}
