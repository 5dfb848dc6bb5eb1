// Records all messages of a page.
import { installStringsOf } from './strings.js';

/** Runs in pages: reports what goes over ports, to and from workers, and over channels. */
function installSpies(channels) {
  const report = (place, value) => { window.reportSpied(place, window.stringsOf(value)); };
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
 * Records all pages of a context from the next one on. Returns, by place, every string that was recorded: what pages sent to the vault,
 * what it sent back, and the messages on these broadcast channels.
 */
export async function spy(context, channels) {
  const heard = { 'to the vault': [], 'from the vault': [], 'to other tabs': [], 'from other tabs': [] };
  await context.exposeBinding('reportSpied', (_source, place, texts) => { heard[place].push(...texts); });
  await context.addInitScript({ content: `(${installStringsOf})(); (${installSpies})(${JSON.stringify(channels)});` });
  return heard;
}
