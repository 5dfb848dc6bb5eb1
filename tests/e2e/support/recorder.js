// Records all output of a browser for users and for developers: consoles, uncaught errors, errors that an app caught, states.
import { hearWorkers } from './devtools.js';
import { installStringsOf } from './strings.js';

/** Runs in pages, before anything else: reports every string in what is written, thrown and shown. */
function installRecorder() {
  const { stringify } = JSON;
  const tell = (place, value) => {
    const texts = window.stringsOf(value, { most: 2_000, inherited: true });
    window.reportRecord(place, [...texts, String(value), stringify(value) ?? '']);
  };
  for (const level of Object.keys(console)) {
    const write = console[level];
    if (typeof write !== 'function') continue;
    console[level] = (...words) => {
      tell(`console.${level}`, words);
      return write.apply(console, words);
    };
  }
  window.addEventListener('error', ({ error, message }) => tell('uncaught', [error, message]));
  window.addEventListener('unhandledrejection', ({ reason }) => tell('unhandled', reason));

  /** The session as the app has it, recording whatever its functions throw. */
  const recorded = (auth) => {
    const show = (state) => {
      tell('states', state);
      for (const error of [state.error, state.renewalError]) if (error) tell('errors', error);
    };
    show(auth.state);
    auth.subscribe(show);
    const recording = (work) => (...given) => {
      const result = work(...given);
      result?.catch?.((error) => tell('errors', error));
      return result;
    };
    return new Proxy(auth, { get: (target, name) => (typeof target[name] === 'function' ? recording(target[name]) : target[name]) });
  };
  let current;
  Object.defineProperty(window, 'auth', { get: () => current, set(auth) { current = recorded(auth); } });
}

/**
 * Records all pages of a context from the next one on, and all their workers. Returns `heard`, the records
 * as `{ place, text }`, and `settle`, which waits until all output has been recorded.
 */
export async function record(context, page) {
  const heard = [];
  const hear = (place, ...texts) => { for (const text of texts) heard.push({ place, text }); };
  await context.exposeBinding('reportRecord', (_source, place, texts) => hear(place, ...texts));
  await context.addInitScript({ content: `(${installStringsOf})(); (${installRecorder})();` });
  // The browser's own messages appear only here.
  context.on('console', (message) => hear('console', message.text(), message.location().url));
  context.on('weberror', (error) => hear('uncaught', String(error.error()), error.error().stack ?? ''));
  const workers = await hearWorkers(page, hear);
  return {
    heard,
    async settle() {
      await workers.settle();
      for (const open of context.pages()) await open.evaluate(() => undefined);
    },
  };
}
