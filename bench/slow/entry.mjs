// What runs in each page: the candidate in the app's own bundle. It reports as soon as it is known whether the user is signed in.
import * as candidate from 'CANDIDATE';

const SINCE = 'bench:since';
const config = JSON.parse(document.getElementById('config').textContent);
const isCallback = /[?&](code|error)=/.test(location.search) && /[?&]state=/.test(location.search);
const words = (error) => String(error?.message ?? error).slice(0, 200);
const wallTime = () => performance.timeOrigin + performance.now();

/** Starts the clock for what follows, across page loads. */
const setOut = () => sessionStorage.setItem(SINCE, String(wallTime()));

globalThis.bench = {
  login() {
    setOut();
    Promise.resolve().then(() => candidate.login()).catch((error) => globalThis.benchDone({ error: `login: ${words(error)}` }));
  },
  reload() {
    setOut();
    location.reload();
  },
};

async function start() {
  await candidate.init({ ...config, isCallback });
  if (isCallback) await candidate.handleCallback();
  const authenticated = Boolean(await candidate.isAuthenticated());
  const [{ fetchStart }] = performance.getEntriesByType('navigation');
  // `known` is measured from the navigation, or from the last redirect on the way here.
  const report = { authenticated, known: performance.now() - fetchStart, began: performance.timeOrigin + fetchStart };
  // A router leaves the callback's URL, and a reload after that loads a page of the app.
  if (isCallback) history.replaceState(null, '', config.homeUrl);
  globalThis.benchDone({ ...report, sinceSetOut: wallTime() - Number(sessionStorage.getItem(SINCE)) });
}

start().catch((error) => globalThis.benchDone({ error: words(error) }));
