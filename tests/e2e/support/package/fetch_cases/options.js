// The other members of `init`.
import { look, settled } from './look.js';

const read = async (response) => ({ ...look(response), text: await response.text() });

const given = (name, init, { differs, on, path = 'answer' } = {}) => [
  name, ({ fetch, url }) => fetch(url(path), typeof init === 'function' ? init() : init).then(read), differs, on,
];

const digest = async (text) => btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))));

const checked = (name, text, more, { differs, path = 'answer' } = {}) => [name, async ({ fetch, url }) => {
  const integrity = `${more ?? ''}sha256-${await digest(text)}`;
  return fetch(url(path), { integrity }).then(read);
}, differs];

/** Sends one URL twice, and returns both responses: the server's log shows whether the second one came from the cache. */
const twice = (name, cache) => [name, async ({ fetch, url }) => {
  const address = url('answer?header=cache-control:%20max-age%3D600');
  const first = await read(await fetch(address, { cache: 'default' }));
  return [first, await read(await fetch(address, { cache }))];
}];

export const OPTIONS = [
  given('mode: cors', { mode: 'cors' }),
  given('mode: same-origin, to another origin', { mode: 'same-origin' }, { differs: 'network' }),
  ['mode: same-origin, to the page\'s origin', ({ fetch, own }) => fetch(own('same.json'), { mode: 'same-origin' }).then(read)],
  ['mode: no-cors', async ({ fetch, url }) => (await fetch(url('answer'), { mode: 'no-cors' })).type, 'no-cors'],
  given('mode: navigate', { mode: 'navigate' }),
  given('mode: unknown', { mode: 'mine' }),
  ...['omit', 'same-origin', 'include'].map((credentials) => [`credentials: ${credentials}`, async ({ fetch, url }) => {
    // Cookies of a host are those of all its ports.
    document.cookie = 'case=1; path=/';
    const response = await fetch(url('answer'), { credentials }).finally(() => { document.cookie = 'case=1; path=/; max-age=0'; });
    return read(response);
  }]),
  given('credentials: unknown', { credentials: 'mine' }),
  ...['default', 'no-store', 'reload', 'no-cache', 'force-cache'].map((cache) => twice(`cache: ${cache}`, cache)),
  given('cache: only-if-cached', { cache: 'only-if-cached' }),
  ['cache: only-if-cached, with the mode same-origin', async ({ fetch, own }) => {
    return fetch(own('never-cached.json'), { mode: 'same-origin', cache: 'only-if-cached' }).then(read);
  }, 'network'],
  ...['follow', 'error', 'manual'].map((redirect) => given(`redirect: ${redirect}`, { redirect }, { differs: 'redirect', path: 'redirect' })),
  given('redirect: a response without a location', {}, { differs: 'redirect', path: 'redirect?nowhere' }),
  given('redirect: manual, and no redirect', { redirect: 'manual' }),
  given('redirect: unknown', { redirect: 'mine' }),
  given('referrer: a page of the app', { referrer: '/some/page', referrerPolicy: 'unsafe-url' }),
  given('referrer: empty', { referrer: '', referrerPolicy: 'unsafe-url' }),
  given('referrer: an invalid URL', { referrer: 'http://[' }),
  given('referrer: the page itself, with its whole URL', { referrerPolicy: 'unsafe-url' }, { differs: { shared: 'referrer', worker: 'referrer' } }),
  given('referrer: the origin of the page', { referrerPolicy: 'origin' }),
  given('referrerPolicy: no-referrer', { referrerPolicy: 'no-referrer' }),
  given('referrerPolicy: unknown', { referrerPolicy: 'mine' }),
  checked('integrity: right', 'hello'),
  checked('integrity: right, of a streamed body', 'hello', '', { path: 'answer?stream' }),
  checked('integrity: wrong', 'other', '', { differs: 'integrity' }),
  checked('integrity: one of two is right', 'hello', `sha256-${btoa('x'.repeat(32))} `),
  checked('integrity: only the strongest hash counts', 'hello', `sha512-${btoa('x'.repeat(64))} `, { differs: 'integrity' }),
  given('integrity: an unknown hash', { integrity: 'md5-AAAA' }),
  given('integrity: empty', { integrity: '' }),
  given('keepalive: a small body', { method: 'POST', body: 'x', keepalive: true }, { differs: { worker: 'keepalive' } }),
  given('keepalive: no body', { keepalive: true }, { differs: { worker: 'keepalive' } }),
  given('keepalive: a body of 65,537 bytes', () => ({ method: 'POST', body: 'x'.repeat(65_537), keepalive: true }), { differs: { shared: 'too-large', worker: 'keepalive', page: 'too-large' } }),
  given('keepalive: a stream', () => ({ method: 'POST', body: new Blob(['x']).stream(), duplex: 'half', keepalive: true }), { on: 'h2' }),
  ...['high', 'low', 'auto'].map((priority) => given(`priority: ${priority}`, { priority }, { on: 'h2' })),
  given('priority: unknown', { priority: 'mine' }),
  given('duplex: half, without a stream', { method: 'POST', body: 'x', duplex: 'half' }),
  given('duplex: unknown', { duplex: 'full' }),
  given('window: null', { window: null }),
  given('window: not null', { window: 'mine' }),
  ['a promise without a handler is one unhandled rejection', async ({ fetch }) => {
    void fetch('http://[');
    return 'done';
  }],
  ['an aborted call without a handler is one unhandled rejection', async ({ fetch, url, server }) => {
    const stop = new AbortController();
    void fetch(url('never'), { signal: stop.signal });
    await server.arrived();
    stop.abort();
    await server.closed();
    // One more request, so that an engine that does not close the connection has the time to report the rejection.
    await server.arrived();
    return 'done';
  }],
  ['a handled rejection is not reported', ({ fetch }) => settled(fetch('http://['))],
];
