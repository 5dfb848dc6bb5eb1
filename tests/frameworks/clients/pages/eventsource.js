import { EventSource } from 'eventsource';
import { events } from 'recipe:EventSource';

export const works = () => new Promise((resolve) => {
  const received = [];
  events.addEventListener('message', ({ data }) => {
    if (received.push(data) < 2) return;
    events.close();
    resolve(received);
  });
});
export const fails = () => new Promise((resolve) => {
  const refused = new EventSource(new URL('forbidden', window.apiPrefix), { fetch: window.auth.fetch });
  refused.addEventListener('error', ({ code }) => resolve([code, refused.readyState === EventSource.CLOSED]));
});
export const aborts = (signal) => new Promise((resolve) => {
  const open = new EventSource(new URL('never', window.apiPrefix), { fetch: window.auth.fetch });
  signal.addEventListener('abort', () => {
    open.close();
    resolve('closed');
  });
});
