// All words that a browser has for people and for developers: consoles, errors that nobody caught, errors that an app caught, states.
import { hearWorkers } from './devtools.js';
import { installStringsOf } from './strings.js';

/** Runs in pages, before anything else: tells every text in what is written, thrown and shown. */
function installEars() {
  const { stringify } = JSON;
  const tell = (place, value) => {
    const texts = window.stringsOf(value, { most: 2_000, inherited: true });
    window.reportOverheard(place, [...texts, String(value), stringify(value) ?? '']);
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

  /** The session as the app has it, with ears on whatever its functions throw. */
  const overheard = (auth) => {
    const show = (state) => {
      tell('states', state);
      for (const error of [state.error, state.trouble]) if (error) tell('errors', error);
    };
    show(auth.state);
    auth.subscribe(show);
    const withEars = (work) => (...given) => {
      const result = work(...given);
      result?.catch?.((error) => tell('errors', error));
      return result;
    };
    return new Proxy(auth, { get: (target, name) => (typeof target[name] === 'function' ? withEars(target[name]) : target[name]) });
  };
  let current;
  Object.defineProperty(window, 'auth', { get: () => current, set(auth) { current = overheard(auth); } });
}

/**
 * Listens to all pages of a context from the next one on, and to all workers of theirs. Answers what was heard,
 * as `{ place, text }`, and `settle`, which waits until all that was said has been heard.
 */
export async function overhear(context, page) {
  const heard = [];
  const hear = (place, ...texts) => { for (const text of texts) heard.push({ place, text }); };
  await context.exposeBinding('reportOverheard', (_source, place, texts) => hear(place, ...texts));
  await context.addInitScript({ content: `(${installStringsOf})(); (${installEars})();` });
  // What the browser itself writes is heard here alone.
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
