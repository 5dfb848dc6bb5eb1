// Makes browser APIs fail. Pages run this before everything else, and so does the script of the vault.

/**
 * Puts a switch in front of every browser API that the library uses. An API fails in one of three ways: it `throws`, it `rejects` (an API
 * without a promise fires its error event), or it is `silent` and never answers. `faults` are the switches that are on from the start.
 *
 * Uses nothing from outside: its source is sent to the browser.
 */
export function installBrokenApis(faults) {
  // In a page with the vault in it, both scripts run this.
  if (globalThis.brokenApis) {
    globalThis.brokenApis.break(faults);
    return;
  }
  const real = { AbortController, MessageChannel, databases: indexedDB.databases.bind(indexedDB) };
  const channel = new BroadcastChannel('broken-apis');
  // The test's own messages are never lost.
  const post = channel.postMessage.bind(channel);
  const broken = new Map(Object.entries(faults));
  const refusal = () => new DOMException('A test broke this API.', 'InvalidStateError');

  /** Has a method, or a constructor, check its switch. `instead` has its behaviour for each way of failing other than throwing. */
  const ask = (name, instead, given, carryOn) => {
    const way = broken.get(typeof name === 'function' ? name(...given) : name);
    if (!way) return carryOn();
    if (way === 'throws') throw refusal();
    return instead[way](carryOn, given);
  };
  const method = (owner, key, name, instead = {}) => {
    // Not every thread has every API.
    if (!owner?.[key]) return;
    const work = owner[key];
    owner[key] = function asking(...given) { return ask(name, instead, given, () => work.apply(this, given)); };
  };
  const constructor = (owner, key, instead = {}, name = key) => {
    if (!owner[key]) return;
    owner[key] = new Proxy(owner[key], {
      construct: (Class, given, target) => ask(name, instead, given, () => Reflect.construct(Class, given, target)),
    });
  };
  const PROMISING = { rejects: () => Promise.reject(refusal()), silent: () => new Promise(() => {}) };
  const prototypeOf = (name) => globalThis[name]?.prototype;

  /** An object that exists and does nothing. With `event`, it fires that one. */
  const dead = (members, event) => {
    const target = Object.assign(new EventTarget(), members);
    if (event) {
      setTimeout(() => {
        target[`on${event}`]?.(new Event(event));
        target.dispatchEvent(new Event(event));
      });
    }
    return target;
  };

  // Workers: one whose script does not run, and one that says nothing.
  const worker = (event) => dead({ port: new real.MessageChannel().port1, onerror: null, postMessage() {}, terminate() {} }, event);
  for (const name of ['SharedWorker', 'Worker']) constructor(globalThis, name, { rejects: () => worker('error'), silent: () => worker() });

  // Ports: messages that are lost, and two ends that do not belong together.
  const LOST = { silent: () => undefined };
  for (const name of ['MessagePort', 'Worker']) method(prototypeOf(name), 'postMessage', 'MessagePort.postMessage', LOST);
  constructor(globalThis, 'MessageChannel', { silent: () => ({ port1: new real.MessageChannel().port1, port2: new real.MessageChannel().port2 }) });
  constructor(globalThis, 'BroadcastChannel');
  method(prototypeOf('BroadcastChannel'), 'postMessage', 'BroadcastChannel.postMessage', LOST);

  // Storage. A muted transaction is rolled back, without an event.
  const muted = new WeakSet();
  const mutable = (target, ...events) => {
    const stop = (event) => { if (muted.has(target)) event.stopImmediatePropagation(); };
    for (const event of events) target.addEventListener(event, stop);
    return target;
  };
  // Not before the library has made all its requests, as in a browser.
  const undone = (transaction) => queueMicrotask(() => { try { transaction.abort(); } catch { /* It is undone already. */ } });
  const abort = (transaction, isMuted) => {
    if (isMuted) muted.add(transaction);
    undone(transaction);
  };
  method(prototypeOf('IDBFactory'), 'databases', 'indexedDB.databases', PROMISING);
  method(prototypeOf('IDBFactory'), 'open', 'indexedDB.open', {
    rejects: () => dead({ error: refusal(), result: undefined, onerror: null }, 'error'),
    silent: () => dead({ error: null, result: undefined }),
  });
  const transaction = (isMuted) => (carryOn) => {
    const started = mutable(carryOn(), 'complete', 'abort', 'error');
    abort(started, isMuted);
    return started;
  };
  method(prototypeOf('IDBDatabase'), 'transaction', 'IDBDatabase.transaction', { rejects: transaction(false), silent: transaction(true) });
  const request = (isMuted) => (carryOn) => {
    const made = carryOn();
    mutable(made.transaction, 'complete', 'abort', 'error');
    if (isMuted) {
      muted.add(made);
      mutable(made, 'success', 'error');
    }
    abort(made.transaction, isMuted);
    return made;
  };
  const REQUEST = { rejects: request(false), silent: request(true) };
  for (const [key, name] of [['get', 'get'], ['getAll', 'getAll'], ['getAllKeys', 'getAll'], ['put', 'put'], ['delete', 'delete']]) {
    method(prototypeOf('IDBObjectStore'), key, `IDBObjectStore.${name}`, REQUEST);
  }

  // The network. The URL says which fetch it is: the library makes all of them with the same function.
  const fetchOf = (input) => {
    const { pathname } = new URL(input.url ?? input, location.href);
    if (/\.(js|wasm)$/.test(pathname)) return `fetch (${pathname.split('.').at(-1)})`;
    return pathname.startsWith('/v1/') ? 'fetch (API)' : 'fetch (provider)';
  };
  method(globalThis, 'fetch', fetchOf, PROMISING);
  method(prototypeOf('Response'), 'text', 'Response.text', PROMISING);
  method(prototypeOf('Blob'), 'arrayBuffer', 'Blob.arrayBuffer', PROMISING);
  method(prototypeOf('ReadableStreamDefaultReader'), 'read', 'ReadableStreamDefaultReader.read', PROMISING);
  constructor(globalThis, 'AbortController');
  method(AbortSignal, 'timeout', 'AbortSignal.timeout');

  // Everything else.
  method(prototypeOf('LockManager'), 'request', 'navigator.locks.request', PROMISING);
  for (const key of ['compileStreaming', 'compile']) method(WebAssembly, key, `WebAssembly.${key}`, PROMISING);
  constructor(WebAssembly, 'Instance', {}, 'WebAssembly.Instance');
  for (const key of ['importKey', 'verify', 'digest']) method(prototypeOf('SubtleCrypto'), key, `SubtleCrypto.${key}`, PROMISING);
  method(prototypeOf('Crypto'), 'getRandomValues', 'crypto.getRandomValues');
  method(prototypeOf('TrustedTypePolicyFactory'), 'createPolicy', 'trustedTypes.createPolicy');
  method(prototypeOf('History'), 'replaceState', 'history.replaceState');

  // The page sets the switches of a worker over a channel, and receives the worker's errors.
  const isPage = typeof document !== 'undefined';
  const ofWorker = [];
  const waiting = [];
  const turn = (wanted) => {
    broken.clear();
    for (const [name, way] of Object.entries(wanted)) broken.set(name, way);
  };
  if (!isPage) {
    for (const type of ['error', 'unhandledrejection']) {
      globalThis.addEventListener(type, (event) => post({ pageError: `${type}: ${event.reason ?? event.message}` }));
    }
  }
  channel.onmessage = ({ data: { pageError, isTurned, wanted } }) => {
    if (isPage && pageError) ofWorker.push(pageError);
    if (isPage && isTurned) waiting.shift()?.();
    if (isPage || !wanted) return;
    turn(wanted);
    post({ isTurned: true });
  };
  const turnInWorker = (wanted) => new Promise((resolve) => {
    waiting.push(resolve);
    post({ wanted });
  });
  globalThis.brokenApis = { break: turn, inWorker: turnInWorker, ofWorker, real };
}
