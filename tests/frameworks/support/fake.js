// A session without a vault, whose state the test sets.

const AT = { vault: 'shared', vaultFallback: null };

export const LOADING = { ...AT, status: 'loading' };
export const signedOut = (reason = 'never-signed-in') => ({ ...AT, status: 'signed-out', reason });
export const signedIn = (userId = 'ada') => ({ ...AT, status: 'signed-in', userId, tenantId: 'acme' });
export const failed = (message) => ({ ...AT, status: 'failed', error: new Error(message) });

/** `logins` has the options of every login. It stays pending, as if the browser left, unless `refusal` is set. */
export function fakeSession(state = LOADING) {
  const listeners = new Set();
  const session = {
    state,
    listeners,
    logins: [],
    refusal: undefined,
    userInfos: [],
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(next) {
      session.state = next;
      for (const listener of [...listeners]) listener(next);
    },
    async login(options) {
      session.logins.push(options);
      if (session.refusal) throw session.refusal;
    },
    userInfo: () => new Promise((resolve, reject) => session.userInfos.push({ resolve, reject })),
    dispose() { session.isDisposed = true; },
  };
  return session;
}
