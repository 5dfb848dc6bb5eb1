// What is sent.
import { look, race, settled } from './look.js';

const bytes = new Uint8Array([0, 128, 255, 1]);

const post = (name, make, { differs, on } = {}) => [`body: ${name}`, async ({ fetch, url }) => {
  const response = await fetch(url('answer'), { method: 'POST', ...make() });
  return look(response);
}, differs, on];

const streamOf = (...chunks) => new ReadableStream({
  start(controller) {
    for (const chunk of chunks) controller.enqueue(chunk);
    controller.close();
  },
});
const encoded = (word) => new TextEncoder().encode(word);

/** A stream without an end, and a promise that is fulfilled when it is cancelled. */
function endless() {
  let cancel;
  const canceled = new Promise((resolve) => { cancel = resolve; });
  return { stream: new ReadableStream({ start: (controller) => controller.enqueue(encoded('x')), cancel }), canceled };
}

export const BODIES = [
  post('a string', () => ({ body: 'grün 語' })),
  post('a string with a lone surrogate', () => ({ body: 'a\ud800' })),
  post('an empty string', () => ({ body: '' })),
  post('a string with a content type', () => ({ body: '{}', headers: { 'content-type': 'application/json' } })),
  post('null', () => ({ body: null })),
  post('a number', () => ({ body: 5 })),
  post('an object', () => ({ body: {} })),
  post('URLSearchParams', () => ({ body: new URLSearchParams({ a: 'b c', ü: '&' }) })),
  post('FormData with a file', () => {
    const body = new FormData();
    body.set('text', 'grün');
    body.set('file', new File([bytes], 'ü.bin', { type: 'image/png' }));
    return { body };
  }),
  post('FormData with a content type', () => {
    const body = new FormData();
    body.set('a', '1');
    return { body, headers: { 'content-type': 'multipart/form-data; boundary=mine' } };
  }),
  ['body: a Request with FormData, and headers in init', ({ fetch, url }) => {
    const body = new FormData();
    body.set('a', '1');
    return fetch(new Request(url('answer'), { method: 'POST', body }), { headers: { 'x-own': 'mine' } }).then(look);
  }],
  ['body: FormData that changes after the call', async ({ fetch, url }) => {
    const body = new FormData();
    body.set('a', '1');
    const answer = fetch(url('answer'), { method: 'POST', body });
    body.set('a', '2');
    return look(await answer);
  }],
  post('an empty FormData', () => ({ body: new FormData() })),
  post('a Blob with a type', () => ({ body: new Blob([bytes], { type: 'image/png' }) })),
  post('a Blob without a type', () => ({ body: new Blob([bytes]) })),
  post('a File', () => ({ body: new File(['x'], 'a.txt', { type: 'text/csv' }) })),
  post('an ArrayBuffer', () => ({ body: bytes.buffer })),
  post('an empty ArrayBuffer', () => ({ body: new ArrayBuffer(0) })),
  post('a part of a buffer', () => ({ body: bytes.subarray(1, 3) })),
  post('a DataView', () => ({ body: new DataView(bytes.buffer, 2) })),
  post('with GET', () => ({ method: 'GET', body: 'x' })),
  post('with HEAD', () => ({ method: 'HEAD', body: 'x' })),
  post('with DELETE', () => ({ method: 'DELETE', body: 'x' })),
  ['body: bytes that change after the call', async ({ fetch, url }) => {
    const body = new Uint8Array([65, 65]);
    const answer = fetch(url('answer'), { method: 'POST', body });
    body.fill(66);
    return look(await answer);
  }],
  ['body: a form and headers that change after the call', async ({ fetch, url }) => {
    const body = new URLSearchParams({ a: '1' });
    const headers = new Headers({ 'x-own': 'before' });
    const answer = fetch(url('answer'), { method: 'POST', body, headers });
    body.set('a', '2');
    headers.set('x-own', 'after');
    return look(await answer);
  }],
  post('half a megabyte', () => ({ body: 'x'.repeat(500_000) })),
  post('a stream', () => ({ body: streamOf(encoded('one'), encoded('two')), duplex: 'half' }), { on: 'h2' }),
  post('an empty stream', () => ({ body: streamOf(), duplex: 'half' }), { on: 'h2' }),
  post('a stream with a content type', () => ({ body: streamOf(bytes), duplex: 'half', headers: { 'content-type': 'a/b' } }), { on: 'h2' }),
  post('a stream without duplex', () => ({ body: streamOf(encoded('one')) }), { on: 'h2' }),
  post('a stream with GET', () => ({ method: 'GET', body: streamOf(encoded('one')), duplex: 'half' }), { on: 'h2' }),
  post('a stream over HTTP/1.1', () => ({ body: streamOf(encoded('one')), duplex: 'half' }), { differs: 'network' }),
  post('a stream of strings', () => ({ body: streamOf('one'), duplex: 'half' }), { differs: 'network', on: 'h2' }),
  post('a stream that fails', () => ({ body: new ReadableStream({ pull: () => Promise.reject(new RangeError('mine')) }), duplex: 'half' }), {
    differs: 'network', on: 'h2',
  }),
  post('a locked stream', () => {
    const body = streamOf(encoded('one'));
    body.getReader();
    return { body, duplex: 'half' };
  }, { on: 'h2' }),
  ['body: a stream of which something was read', async ({ fetch, url }) => {
    const body = streamOf(encoded('one'), encoded('two'));
    const reader = body.getReader();
    await reader.read();
    reader.releaseLock();
    return fetch(url('answer'), { method: 'POST', body, duplex: 'half' });
  }, undefined, 'h2'],
  ['body: a stream is locked by the call', async ({ fetch, url }) => {
    const body = streamOf(encoded('one'));
    const answer = fetch(url('answer'), { method: 'POST', body, duplex: 'half' });
    const isLocked = body.locked;
    return [isLocked, look(await answer)];
  }, undefined, 'h2'],
  ['body: a Request with a stream', async ({ fetch, url }) => {
    const request = new Request(url('answer'), { method: 'POST', body: streamOf(encoded('one'), encoded('two')), duplex: 'half' });
    return look(await fetch(request));
  }, 'request', 'h2'],
  ['body: a stream, aborted before the call', async ({ fetch, url }) => {
    const { stream } = endless();
    return fetch(url('answer'), { method: 'POST', body: stream, duplex: 'half', signal: AbortSignal.abort('mine') });
  }, undefined, 'h2'],
  ['body: a stream, aborted while it is sent', race(async ({ fetch, url, server }) => {
    const { stream, canceled } = endless();
    const stop = new AbortController();
    const outcome = settled(fetch(url('never?early'), { method: 'POST', body: stream, duplex: 'half', signal: stop.signal }));
    await server.arrived();
    stop.abort();
    return [await outcome, await canceled.then(() => 'canceled')];
  }), undefined, 'h2'],
];
