import { fetchEventSource } from '@microsoft/fetch-event-source';
import { received } from 'recipe:fetch-event-source';

export const works = () => received;
export const fails = () => fetchEventSource(String(new URL('forbidden', window.apiPrefix)), {
  fetch: window.auth.fetch,
  onerror: (error) => { throw error; },
}).catch(({ message }) => message);
export const aborts = (signal) => fetchEventSource(String(new URL('never', window.apiPrefix)), { fetch: window.auth.fetch, signal }).then(() => 'ended');
