// The same work in a worker that outlives the page; the page asks it by messages and holds no token. No library of this kind can
// be faster. The URL is cleaned while the worker is being reached.
let config;
let isSignedIn = false;
let port;

const asked = new Map();
let last = 0;

function ask(what, ...given) {
  last += 1;
  port.postMessage([last, what, given]);
  return new Promise((resolve, reject) => { asked.set(last, [resolve, reject]); });
}

function connect() {
  ({ port } = new SharedWorker(new URL('./vault.js', import.meta.url), { type: 'module', name: config.clientId, extendedLifetime: true }));
  port.onmessage = ({ data: [id, error, value] }) => {
    const [resolve, reject] = asked.get(id);
    asked.delete(id);
    if (error) reject(new Error(error));
    else resolve(value);
  };
}

export async function init(given) {
  config = given;
  if (config.isCallback) return;
  connect();
  isSignedIn = await ask('start', config);
}

export async function login() {
  location.assign(await ask('login'));
}

export async function handleCallback() {
  connect();
  const coming = ask('finish', location.search);
  history.replaceState(null, '', location.pathname);
  isSignedIn = await coming;
}

export const isAuthenticated = () => isSignedIn;
export const forceRefresh = () => ask('renew');
export const getAccessToken = () => ask('token');
