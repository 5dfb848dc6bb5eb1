// Aborts, from before the call to after the response.
import { look, next, race, settled } from './look.js';

/** Aborts with this reason while a method of the response waits for the rest of a body. */
const whileReading = (method, type = 'text/plain', first = 'one') => [`signal: aborted during ${method}()`, async ({ fetch, url, server }) => {
  const stop = new AbortController();
  const response = await fetch(url(`slow?type=${type}&first=${encodeURIComponent(first)}`), { signal: stop.signal });
  const reading = settled(response[method]());
  stop.abort();
  await server.closed();
  return [await reading, response.bodyUsed];
}];

/** Aborts a request that the server does not answer. */
const inFlight = (name, abort) => [name, async ({ fetch, url, server }) => {
  const stop = new AbortController();
  const outcome = settled(fetch(url('never'), { signal: stop.signal }));
  await server.arrived();
  abort(stop);
  await server.closed();
  return outcome;
}];

export const SIGNALS = [
  ['signal: aborted before the call', ({ fetch, url }) => fetch(url('answer'), { signal: AbortSignal.abort() })],
  ['signal: aborted before the call, with a reason', ({ fetch, url }) => fetch(url('answer'), { signal: AbortSignal.abort('enough') })],
  ['signal: aborted before the call, and the reason is the same object', async ({ fetch, url }) => {
    const reason = new RangeError('mine');
    return fetch(url('answer'), { signal: AbortSignal.abort(reason) }).catch((error) => error === reason);
  }],
  ['signal: aborted in the same task', race(({ fetch, url }) => {
    const stop = new AbortController();
    const outcome = fetch(url('answer'), { signal: stop.signal });
    stop.abort();
    return outcome;
  })],
  inFlight('signal: aborted before the response', (stop) => stop.abort()),
  inFlight('signal: aborted before the response, with a reason', (stop) => stop.abort(new RangeError('mine'))),
  inFlight('signal: aborted before the response, with undefined', (stop) => stop.abort(undefined)),
  inFlight('signal: aborted before the response, with null', (stop) => stop.abort(null)),
  ['signal: a timeout', race(({ fetch, url }) => fetch(url('never'), { signal: AbortSignal.timeout(50) }))],
  ['signal: a timeout that does not pass', async ({ fetch, url }) => look(await fetch(url('answer'), { signal: AbortSignal.timeout(60_000) }))],
  ['signal: any of two', async ({ fetch, url, server }) => {
    const stop = new AbortController();
    const outcome = settled(fetch(url('never'), { signal: AbortSignal.any([stop.signal, new AbortController().signal]) }));
    await server.arrived();
    stop.abort('second');
    return outcome;
  }],
  ['signal: of the Request', async ({ fetch, url, server }) => {
    const stop = new AbortController();
    const outcome = settled(fetch(new Request(url('never'), { signal: stop.signal })));
    await server.arrived();
    stop.abort();
    await server.closed();
    return outcome;
  }],
  ['signal: of the Request, during text()', async ({ fetch, url, server }) => {
    const stop = new AbortController();
    const response = await fetch(new Request(url('slow'), { signal: stop.signal }));
    const reading = settled(response.text());
    stop.abort();
    await server.closed();
    return reading;
  }],
  ['signal: null, and the Request\'s is aborted', async ({ fetch, url }) => {
    return look(await fetch(new Request(url('answer'), { signal: AbortSignal.abort() }), { signal: null }));
  }],
  ['signal: null, and the Request\'s is aborted before the body is read', async ({ fetch, url }) => {
    const stop = new AbortController();
    const response = await fetch(new Request(url('answer'), { signal: stop.signal }), { signal: null });
    stop.abort();
    return response.text();
  }],
  ['signal: init\'s replaces that of the Request', async ({ fetch, url, server }) => {
    const [first, second] = [new AbortController(), new AbortController()];
    const outcome = settled(fetch(new Request(url('never'), { signal: first.signal }), { signal: second.signal }));
    await server.arrived();
    first.abort('first');
    second.abort('second');
    return outcome;
  }],
  ['signal: no signal', ({ fetch, url }) => fetch(url('answer'), { signal: 'mine' })],
  whileReading('text'),
  whileReading('json', 'application/json', '{"a":'),
  whileReading('blob'),
  whileReading('arrayBuffer'),
  whileReading('bytes'),
  whileReading('formData', 'application/x-www-form-urlencoded', 'a=1'),
  ['signal: aborted with a reason during json()', async ({ fetch, url, server }) => {
    const stop = new AbortController();
    const response = await fetch(url('slow'), { signal: stop.signal });
    const reading = settled(response.json());
    stop.abort(new RangeError('mine'));
    await server.closed();
    return reading;
  }],
  ['signal: a timeout during json()', async ({ fetch, url }) => {
    const response = await fetch(url('slow'), { signal: AbortSignal.timeout(500) });
    return response.json();
  }],
  ['signal: aborted while a reader waits', async ({ fetch, url, server }) => {
    const stop = new AbortController();
    const response = await fetch(url('slow'), { signal: stop.signal });
    const reader = response.body.getReader();
    const first = await next(reader);
    const second = settled(reader.read());
    stop.abort('enough');
    await server.closed();
    return [first, await second, await settled(reader.closed), await settled(reader.read())];
  }],
  ['signal: aborted before the body is read', async ({ fetch, url, server }) => {
    const stop = new AbortController();
    const response = await fetch(url('slow'), { signal: stop.signal });
    stop.abort();
    await server.closed();
    return [look(response), await settled(response.text()), await settled(response.text())];
  }],
  ['signal: aborted before a short body is read', async ({ fetch, url }) => {
    const stop = new AbortController();
    const response = await fetch(url('answer'), { signal: stop.signal });
    stop.abort();
    return response.text();
  }],
  ['signal: aborted after the body was read', async ({ fetch, url }) => {
    const stop = new AbortController();
    const response = await fetch(url('answer'), { signal: stop.signal });
    const text = await response.text();
    stop.abort();
    return [text, response.bodyUsed];
  }],
  ['signal: aborted while a clone is read', async ({ fetch, url, server }) => {
    const stop = new AbortController();
    const response = await fetch(url('slow'), { signal: stop.signal });
    const reading = [response.clone().text(), response.text()].map(settled);
    stop.abort();
    await server.closed();
    return Promise.all(reading);
  }],
  ['signal: aborted, and nobody reads the body', async ({ fetch, url, server }) => {
    const stop = new AbortController();
    await fetch(url('slow'), { signal: stop.signal });
    stop.abort();
    await server.closed();
    return 'done';
  }],
  ['signal: aborted after the response, without a body', async ({ fetch, url }) => {
    const stop = new AbortController();
    const response = await fetch(url('answer?status=204'), { signal: stop.signal });
    stop.abort();
    return settled(response.text());
  }, 'bodyless'],
  ['signal: aborted while the body is piped', async ({ fetch, url, server }) => {
    const stop = new AbortController();
    const response = await fetch(url('slow'), { signal: stop.signal });
    let reason;
    const piped = settled(response.body.pipeTo(new WritableStream({ abort: (error) => { reason = error; } })));
    stop.abort('enough');
    await server.closed();
    return [await piped, reason];
  }],
  ['signal: one signal for many calls', async ({ fetch, url }) => {
    const stop = new AbortController();
    const first = await fetch(url('answer?body=1'), { signal: stop.signal });
    const second = await fetch(url('answer?body=2'), { signal: stop.signal });
    const text = await first.text();
    stop.abort();
    return [text, await settled(second.text())];
  }],
];
