// A page with only the JavaScript package. Tests use `window.auth`.
import { createAuth, openAuth } from '/index.js';

const { apiUrl, starts = 1, ...options } = await (await fetch('/config.json')).json();
// With the vault in the page a test can hold requests and set clocks; a worker's are out of its reach.
window.start = async (more) => {
  const { configure: isPartial, ...given } = { vault: 'page', ...options, ...more };
  // Most apps know all their settings, and load nothing for this.
  const { configure } = isPartial ? await import('/configure.js') : {};
  return createAuth(isPartial ? await configure(given) : given);
};
window.openAtOnce = (more) => openAuth({ vault: 'page', ...options, ...more });
// Several starts are what React does to an effect in its strict mode.
const started = await Promise.all(Array.from({ length: starts }, window.start));
Object.assign(window, { apiUrl, started, statuses: [] });
for (const auth of started) auth.subscribe(({ status }) => window.statuses.push(status));
window.auth = started[0];
