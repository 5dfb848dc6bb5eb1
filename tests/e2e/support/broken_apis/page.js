// A page with the npm package, on which a test makes calls one at a time. An init script has put its settings into `window.cell`.
import { AuthError, createAuth } from '/index.js';

const { real } = window.brokenApis;

// A busy browser takes long to open its storage for the first time. On a first visit the page opens it while it starts the vault, and which of
// the two comes first decides what the app sees of a vault that cannot be started.
await real.databases();

const after = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
const started = performance.now();

/** The URL that the page navigated to. The navigation is stopped: the test decides whether it continues. */
let sentTo = null;
window.navigation.addEventListener('navigate', (event) => {
  if (new URL(event.destination.url).origin === location.origin) return;
  event.preventDefault();
  sentTo = event.destination.url;
});

/** The result of a call, and after how many milliseconds. A call that does not settle in time is `pending`. */
async function timed(work, bound, begun = performance.now()) {
  const failed = (error) => ({
    code: error?.code ?? null,
    error: `${error?.name}: ${error?.message}`,
    // As plain `fetch` does, `auth.fetch` throws the reason of the caller's signal.
    isAborted: error === window.caller?.signal.reason && error !== undefined,
    isAuthError: error instanceof AuthError,
  });
  const settled = Promise.resolve().then(work).then((value) => ({ value }), failed);
  const result = await Promise.race([settled, after(bound).then(() => ({ pending: true }))]);
  return { ...result, milliseconds: performance.now() - begun };
}

/** Waits until it is known whether the user is signed in, or the page navigated to the provider to find out. */
async function known(auth) {
  while (auth.state.status === 'loading' && !sentTo) await after(20);
}

/** How often the page had to look for a vault after its start. */
let interruptions = 0;

/** The user's state, as the app sees it at this moment. */
const stateOf = () => ({ status: 'none', ...window.auth?.state, error: window.auth?.state.error?.code, interruptions, sentTo });

async function call(name, argument, bound) {
  sentTo = null;
  const result = await timed(() => CALLS[name](window.auth, argument), bound);
  return { ...result, state: stateOf() };
}

async function start() {
  window.auth = await createAuth(window.cell.settings);
  window.auth.subscribe(({ status }) => { if (status === 'loading') interruptions += 1; });
  await known(window.auth);
  return stateOf();
}

const CALLS = {
  login: (auth) => auth.login({ tenantName: 'acme' }),
  renew: (auth) => auth.renew(),
  logout: (auth) => auth.logout(),
  /** With a signal, which the caller may need: the test aborts it. */
  async fetch(auth, url) {
    window.caller = new real.AbortController();
    const response = await auth.fetch(url, { signal: window.caller.signal });
    const body = await response.text().then(() => 'the body is read', ({ name }) => `the body fails with a ${name}`);
    return `status ${response.status}, ${body}`;
  },
};

const starting = timed(start, window.cell.bound, started);
Object.assign(window, {
  startOf: () => starting,
  call,
  stateOf,
  /** Whether the state is `signed-in` within this many milliseconds. */
  async comesBack(bound) {
    const deadline = performance.now() + bound;
    while (window.auth.state.status !== 'signed-in' && performance.now() < deadline) await after(50);
    return window.auth.state.status === 'signed-in';
  },
});
