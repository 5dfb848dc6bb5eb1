// Runs in every measured page: loads the candidate that the path names, and takes the times.
const name = location.pathname.split('/')[2];
const isCallback = /[?&](code|error)=/.test(location.search) && /[?&]state=/.test(location.search);
const told = sessionStorage.getItem('bench');

let candidate;
const now = () => performance.timeOrigin + performance.now();
const words = (error) => String(error?.error ? `${error.error}: ${error.error_description ?? error.message}` : error?.message ?? error).slice(0, 200);
/** Two decimals are more precise than any browser's clock. */
const rounded = (times) => Object.fromEntries(Object.entries(times).map(([key, value]) => [key, Math.round(value * 100) / 100]));

async function load(config) {
  const begun = performance.now();
  candidate = await import(`/files/${name}/script.js`);
  const imported = performance.now();
  await candidate.init({ ...config, isCallback });
  return { import: imported - begun, init: performance.now() - imported };
}

/** How the candidate calls an API: with its own `fetch`, or with the app's `fetch` and its token. */
async function call(url) {
  if (candidate.call) return candidate.call(url);
  return bare(url, await candidate.getAccessToken());
}

const bare = (url, token) => fetch(url, { headers: { authorization: `Bearer ${token}` } });

async function timed(work) {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

globalThis.bench = {
  /** Loads and starts, on a page that is no callback. */
  async start(config) {
    sessionStorage.setItem('bench', JSON.stringify(config));
    const times = await load(config);
    return { ...rounded(times), authenticated: Boolean(await candidate.isAuthenticated()) };
  },

  login() {
    sessionStorage.setItem('bench:clicked', String(now()));
    Promise.resolve().then(() => candidate.login()).catch((error) => globalThis.benchDone?.({ error: `login: ${words(error)}` }));
  },

  /** Reloads; the candidate may restore the session as it does by default. */
  reload(config) {
    sessionStorage.setItem('bench', JSON.stringify({ ...config, restore: 'redirect' }));
    sessionStorage.setItem('bench:arrives', 'true');
    sessionStorage.setItem('bench:clicked', String(now()));
    location.reload();
  },

  forceRefresh: async () => rounded({ time: await timed(() => candidate.forceRefresh()) }).time,

  /** Tokens per second, requested one after the other. */
  async cachedTokens(milliseconds) {
    const begun = performance.now();
    let count = 0;
    for (; performance.now() - begun < milliseconds; count += 20) {
      for (let once = 0; once < 20; once += 1) await candidate.getAccessToken();
    }
    return count / ((performance.now() - begun) / 1000);
  },

  /** Calls of the API, alternately with plain `fetch` and with the candidate; which of each pair is first alternates as well. */
  async calls(url, times) {
    const token = await candidate.getAccessToken();
    const pairs = [];
    for (let round = 0; round < times; round += 1) {
      const pair = {};
      const kinds = [['bare', () => bare(url, token)], ['own', () => call(url)]];
      for (const [kind, work] of round % 2 ? kinds : kinds.reverse()) pair[kind] = await timed(async () => (await work()).text());
      pairs.push(rounded(pair));
    }
    return pairs;
  },

  /** This many API calls at the same moment. */
  async storm(url, calls, at) {
    await new Promise((resolve) => { setTimeout(resolve, at - Date.now()); });
    const results = await Promise.allSettled(Array.from({ length: calls }, async () => {
      const { status } = await call(url);
      if (status !== 200) throw new Error(`status ${status}`);
    }));
    return results.filter(({ status }) => status === 'rejected').map(({ reason }) => words(reason));
  },

  isAlive: async (url) => (await call(url)).ok,
};

/** The page after a redirect or a reload: from the start of the navigation until the user is signed in. */
async function arrive() {
  try {
    const loaded = await load(JSON.parse(told));
    const callback = isCallback ? await timed(() => candidate.handleCallback()) : 0;
    const authenticated = Boolean(await candidate.isAuthenticated());
    const times = { ...loaded, callback, sinceClick: now() - Number(sessionStorage.getItem('bench:clicked')) };
    globalThis.benchDone?.({ authenticated, ...rounded(times) });
  } catch (error) {
    globalThis.benchDone?.({ error: `arriving: ${words(error)}` });
  }
}

if (told && globalThis.benchDone && (isCallback || sessionStorage.getItem('bench:arrives'))) await arrive();
