// Which browser APIs the library uses, in which thread and at which moment, and the effect of their failure.

/** Milliseconds within which a start settles: the client gives up waiting for a vault after 30 s. */
export const START_BOUND = 45_000;

/** Milliseconds within which a call settles that a vault has accepted. */
export const CALL_BOUND = 25_000;

/** The same, if the vault has become silent: the page gives it up after 22 s, at the end of an earlier silence of up to 11 s. */
export const LOST_BOUND = 36_000;

/** The moments. A `call` is made on a page that has started, a `start` is what the page does automatically. */
export const MOMENTS = {
  'first visit': 'The user has never signed in here. The app starts, and calls `auth.login`.',
  return: 'The user signed in here before, and no vault is left. The app starts.',
  login: 'The app has started, and a login was begun in this browser before. The app calls `auth.login`.',
  callback: 'The provider has sent the user back. The app starts, and finishes the login.',
  renewal: 'The user is signed in. The app calls `auth.renew`.',
  'auth.fetch': 'The user is signed in. The app calls `auth.fetch`, and reads the body of the response.',
  logout: 'The user is signed in. The app calls `auth.logout`.',
};

const ALL = ['throws', 'rejects', 'silent'];
/** A synchronous API can only throw. */
const THROWS = ['throws'];
/** A message has no answer: it is refused, or it is lost. */
const MESSAGE = ['throws', 'silent'];

/** Of a row's moments, the first is the most critical one. */
const STARTS = ['return', 'first visit'];
/** A page requests its lock 250 ms after its start, and the vault waits for that lock from then on. */
const LOCKED = 2_000;

const KINDS = ['shared', 'worker', 'page'];

/** Reasons why a user who returns may be signed out. */
const HINT = 'the hint cannot be read';
const RECORD = 'the login that restores the session cannot be stored';
const ASKS = 'the provider cannot be asked';
/** And one why a user is signed out at any moment. */
const ENDED = 'the worker of the tab is ended, and its tokens with it';

/**
 * The rows. `where` is the thread whose API fails: the `page`, or the `vault`. `vault` is where the app wants its vault: by default in a
 * shared worker, or the next location. `forgets` says why a user who returns may be signed out, `unbounded` that the call is as a plain `fetch`,
 * which has no limit: the caller's signal ends it, and `ends` why a vault in a worker of the tab ends a session. A `file` fails on the network.
 * `with` is what has to fail as well, for the API to be used. `calms` is after how many milliseconds the page is checked once more.
 */
const PAGE = [
  { api: 'indexedDB.databases', ways: ALL, moments: ['first visit'] },
  { api: 'SharedWorker', ways: ALL, moments: [...STARTS, 'callback'] },
  { api: 'Worker', ways: ALL, moments: STARTS, vault: 'worker' },
  { api: 'vault.js', file: true, ways: ALL, moments: STARTS, vault: 'auto' },
  { api: 'vault.js', file: true, ways: ALL, moments: STARTS, vault: 'worker' },
  { api: 'import(vault.js)', file: true, ways: ALL, moments: STARTS, vault: 'page' },
  // Called after a worker that fired `error`, to find the cause.
  { api: 'fetch (js)', with: { SharedWorker: 'rejects' }, ways: ALL, moments: STARTS },
  // They tell a page whose shared worker is late in which location the other tabs have their vault.
  { api: 'navigator.locks.query', with: { SharedWorker: 'silent' }, ways: ALL, moments: ['return'] },
  { api: 'SubtleCrypto.digest', with: { SharedWorker: 'silent' }, ways: ALL, moments: ['return'] },
  { api: 'MessageChannel', ways: MESSAGE, moments: STARTS, vault: 'worker' },
  { api: 'MessagePort.postMessage', ways: MESSAGE, moments: ['renewal', ...STARTS, 'callback', 'login', 'auth.fetch', 'logout'], bound: LOST_BOUND },
  { api: 'navigator.locks.request', ways: ALL, moments: [...STARTS, 'callback'], calms: LOCKED },
  { api: 'trustedTypes.createPolicy', ways: THROWS, moments: STARTS },
  { api: 'AbortController', ways: THROWS, moments: STARTS },
  { api: 'history.replaceState', ways: THROWS, moments: ['callback'] },
  { api: 'ReadableStreamDefaultReader.read', ways: ALL, moments: ['auth.fetch'], unbounded: true },
];

const VAULT = [
  { api: 'vault.wasm', file: true, ways: ALL, moments: STARTS },
  { api: 'fetch (wasm)', ways: ALL, moments: STARTS },
  { api: 'WebAssembly.compileStreaming', ways: ALL, moments: STARTS },
  { api: 'WebAssembly.Instance', ways: THROWS, moments: STARTS },
  { api: 'navigator.locks.request', ways: ALL, moments: ['return', 'callback', 'first visit'], often: 2, calms: LOCKED },
  { api: 'indexedDB.databases', ways: ALL, moments: ['login', ...STARTS], forgets: HINT },
  { api: 'indexedDB.open', ways: ALL, moments: ['login', 'return', 'callback', 'logout'], forgets: HINT },
  { api: 'IDBDatabase.transaction', ways: ALL, moments: ['login', 'return', 'callback', 'logout'], forgets: HINT },
  { api: 'IDBObjectStore.get', ways: ALL, moments: ['callback', 'return'], forgets: HINT },
  { api: 'IDBObjectStore.getAll', ways: ALL, moments: ['login'] },
  { api: 'IDBObjectStore.put', ways: ALL, moments: ['login', 'return', 'callback'], forgets: RECORD },
  { api: 'IDBObjectStore.delete', ways: ALL, moments: ['callback', 'logout'] },
  { api: 'crypto.getRandomValues', ways: THROWS, moments: [...STARTS, 'login'] },
  { api: 'BroadcastChannel', ways: THROWS, moments: STARTS },
  { api: 'BroadcastChannel.postMessage', ways: MESSAGE, moments: ['logout'] },
  {
    api: 'MessagePort.postMessage', ways: MESSAGE, moments: ['renewal', ...STARTS, 'login', 'auth.fetch', 'logout'], bound: LOST_BOUND, ends: ENDED,
  },
  { api: 'fetch (provider)', ways: ALL, moments: ['callback', 'return', 'renewal', 'logout'], forgets: ASKS },
  { api: 'Response.text', ways: ALL, moments: ['callback', 'return', 'renewal', 'logout'], forgets: ASKS },
  { api: 'AbortSignal.timeout', ways: THROWS, moments: ['callback', 'return', 'renewal', 'logout'], forgets: ASKS },
  { api: 'SubtleCrypto.importKey', ways: ALL, moments: ['callback', 'renewal'] },
  { api: 'SubtleCrypto.verify', ways: ALL, moments: ['callback', 'renewal'] },
  { api: 'SubtleCrypto.digest', ways: ALL, moments: ['callback', 'renewal'] },
  { api: 'fetch (API)', ways: ALL, moments: ['auth.fetch'], unbounded: true },
  { api: 'ReadableStreamDefaultReader.read', ways: ALL, moments: ['auth.fetch'], unbounded: true },
  { api: 'Blob.arrayBuffer', ways: ALL, moments: ['auth.fetch'], unbounded: true },
  { api: 'AbortController', ways: THROWS, moments: ['auth.fetch'] },
];

/**
 * Each row once for each moment and each way. All of them take many minutes: without `everything` each API fails only at its first moment
 * (at as many as `often` says), with a shared vault.
 */
export function cells({ everything }) {
  const kinds = everything ? KINDS : KINDS.slice(0, 1);
  const rows = [
    ...PAGE.map((row) => ({ where: 'page', vault: 'auto', ...row })),
    ...kinds.flatMap((vault) => VAULT.map((row) => ({ where: 'vault', vault, ...row }))),
  ];
  return rows.flatMap(({ moments, often = 1, ways, ...row }) => (
    moments.slice(0, everything ? moments.length : often).flatMap((moment) => ways.map((way) => ({ ...row, moment, way })))));
}

/** The name of a test, also used in the documentation. */
export const nameOf = ({ api, where, vault, moment, way }) => `${api} ${way} in the ${where} (${vault}), ${moment}`;
