// Listens to all that a page says and hears.
import { installStringsOf } from './strings.js';

/** Runs in pages: reports what goes over ports, to and from workers, and over channels. */
function installTaps(channels) {
  const report = (place, value) => { window.reportTapped(place, window.stringsOf(value)); };
  const sends = (Class, place) => {
    const { postMessage } = Class.prototype;
    Class.prototype.postMessage = function send(message, ...rest) {
      report(place, message);
      return postMessage.call(this, message, ...rest);
    };
  };
  sends(MessagePort, 'to the vault');
  sends(Worker, 'to the vault');
  sends(BroadcastChannel, 'to other tabs');
  const hears = (Class, place) => {
    const property = Object.getOwnPropertyDescriptor(Class.prototype, 'onmessage');
    const wrapped = (listener) => function hear(event) {
      report(place, event.data);
      return (listener.handleEvent ?? listener).call(this, event);
    };
    Object.defineProperty(Class.prototype, 'onmessage', {
      ...property, set(listener) { property.set.call(this, listener && wrapped(listener)); },
    });
    const { addEventListener } = EventTarget.prototype;
    Class.prototype.addEventListener = function listen(type, listener, options) {
      return addEventListener.call(this, type, type === 'message' ? wrapped(listener) : listener, options);
    };
  };
  hears(MessagePort, 'from the vault');
  hears(Worker, 'from the vault');
  for (const name of channels) {
    new BroadcastChannel(name).onmessage = ({ data }) => report('from other tabs', data);
  }
}

/**
 * Taps all pages of a context from the next one on. Answers, by place, every text that was heard: what pages sent to the vault and what
 * it sent back, and what was said on these broadcast channels.
 */
export async function tap(context, channels) {
  const heard = { 'to the vault': [], 'from the vault': [], 'to other tabs': [], 'from other tabs': [] };
  await context.exposeBinding('reportTapped', (_source, place, texts) => { heard[place].push(...texts); });
  await context.addInitScript({ content: `(${installStringsOf})(); (${installTaps})(${JSON.stringify(channels)});` });
  return heard;
}
