// What comes back.
import { look, next, settled, text } from './look.js';

const read = async (response) => ({ ...look(response), text: await response.text() });

const status = (code, { differs, more = '' } = {}) => [
  `status ${code}`, ({ fetch, url }) => fetch(url(`answer?status=${code}${more}`)).then(read), differs,
];

/** What a method makes of a body. */
const by = (method, path, show = (value) => value, { differs } = {}) => [
  `${method}() of ${path}`, async ({ fetch, url }) => {
    const response = await fetch(url(path));
    const outcome = await settled(response[method]());
    return [outcome.error ? outcome : await show(outcome.value), response.bodyUsed];
  }, differs,
];

const entries = (form) => [...form].map(([name, value]) => [name, typeof value === 'string' ? value : `${value.name} ${value.type} ${value.size}`]);
const MULTIPART = 'answer?type=multipart/form-data;%20boundary%3Db&body='
  + encodeURIComponent('--b\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\nContent-Type: text/x\r\n\r\nabc\r\n--b--\r\n');

const PROMISED = [
  by('json', 'answer?type=application/json&body={"a":[1]}'),
  by('json', 'answer?body=nonsense'),
  by('json', 'answer?body='),
  by('json', 'answer?stream&body=nonsense'),
  by('text', 'answer?body=%EF%BB%BFbom'),
  by('text', 'answer?gzip&body=packed'),
  by('text', 'answer?stream&gzip&body=packed'),
  by('blob', 'answer?type=image/png%3B%20a%3DB', async (blob) => [blob.type, blob.size, await blob.text()]),
  by('arrayBuffer', 'answer', (buffer) => [buffer.constructor.name, text(buffer)]),
  by('bytes', 'answer', (bytes) => [bytes.constructor.name, text(bytes)]),
  by('bytes', 'answer?stream', (bytes) => [bytes.constructor.name, text(bytes)]),
  by('formData', 'answer?type=application/x-www-form-urlencoded&body=a%3D1%26b%3D%2B', entries),
  by('formData', MULTIPART, entries),
  by('formData', 'answer'),
];

export const RESPONSES = [
  ...[200, 201, 203, 204, 205, 206, 304, 400, 403, 404, 409, 418, 429, 500, 503]
    .map((code) => status(code, { differs: [204, 205, 304].includes(code) ? 'bodyless' : undefined })),
  status(401, { differs: 'refused' }),
  status(299, { more: '&reason=Own%20Phrase' }),
  status(404, { more: '&reason=' }),
  status(999),
  ['HEAD with a declared length', ({ fetch, url }) => fetch(url('answer'), { method: 'HEAD' }).then(read)],
  ['HEAD without a declared length', ({ fetch, url }) => fetch(url('answer?stream'), { method: 'HEAD' }).then(read)],
  ['an empty body', ({ fetch, url }) => fetch(url('answer?body=')).then(read)],
  ['an empty body without a declared length', ({ fetch, url }) => fetch(url('answer?body=&stream')).then(read)],
  ['a streamed body', ({ fetch, url }) => fetch(url('answer?stream')).then(read)],
  ['a large body', async ({ fetch, url }) => (await (await fetch(url('answer?size=3000000'))).text()).length],
  ['over HTTP/2', ({ fetch, url }) => fetch(url('answer')).then(read), undefined, 'h2'],
  ['headers that CORS exposes, and others', ({ fetch, url }) => fetch(url('answer?header=x-shown:%20yes&header=x-hidden:%20no')).then(read)],
  ['headers with Latin-1 and commas', ({ fetch, url }) => fetch(url('answer?header=x-shown:%20gr%C3%BCn,%20a')).then(read)],
  ['headers cannot be changed', async ({ fetch, url }) => {
    const response = await fetch(url('answer'));
    response.headers.set('x-own', 'mine');
    return look(response);
  }, 'headers'],
  ['from the page\'s own origin', ({ fetch, own }) => fetch(own('same.json')).then(read)],
  ['without CORS', ({ fetch, url }) => fetch(url('closed')), 'network'],
  ['the connection breaks before the response', ({ fetch, url }) => fetch(url('drop')), 'network'],
  ['the connection breaks before the response, over HTTP/2', ({ fetch, url }) => fetch(url('drop')), 'network', 'h2'],
  ...PROMISED,
  ['the body can be read once', async ({ fetch, url }) => {
    const response = await fetch(url('answer'));
    return [response.bodyUsed, await response.text(), response.bodyUsed, await settled(response.text()), response.body.locked];
  }],
  ['two reads at once', async ({ fetch, url }) => {
    const response = await fetch(url('answer?stream'));
    return Promise.all([response.text(), response.json()].map(settled));
  }],
  ['clone()', async ({ fetch, url }) => {
    const response = await fetch(url('answer?status=404&header=x-shown:%20yes'));
    const clone = response.clone();
    return [await read(clone), await read(response), look(clone)];
  }],
  ['clone() of a streamed body', async ({ fetch, url }) => {
    const response = await fetch(url('answer?stream'));
    const clone = response.clone();
    return Promise.all([read(clone), read(response)]);
  }],
  ['clone() of a clone', async ({ fetch, url }) => {
    const response = await fetch(url('answer'));
    return read(response.clone().clone());
  }],
  ['clone() without a body', async ({ fetch, url }) => read((await fetch(url('answer?status=204'))).clone()), 'bodyless'],
  ['clone() after the body was read', async ({ fetch, url }) => {
    const response = await fetch(url('answer'));
    await response.text();
    return response.clone();
  }],
  ['clone() of a locked body', async ({ fetch, url }) => {
    const response = await fetch(url('answer'));
    response.body.getReader();
    return response.clone();
  }],
  ['members can be replaced', async ({ fetch, url }) => {
    const response = await fetch(url('answer'));
    response.json = () => 'mine';
    response.clone = () => 'mine';
    Object.defineProperty(response, 'url', { value: 'mine' });
    return [response.json(), response.clone(), response.url, await response.text()];
  }],
  ['members are not enumerable', async ({ fetch, url }) => Object.keys(await fetch(url('answer')))],
  ['a Response from a Response', async ({ fetch, url }) => {
    const response = await fetch(url('answer?status=404'));
    return read(new Response(response.body, response));
  }],
  ['clone() with status 999', async ({ fetch, url }) => read((await fetch(url('answer?status=999'))).clone())],
];

export const STREAMS = [
  ['body: is there once', async ({ fetch, url }) => {
    const response = await fetch(url('answer'));
    return [response.body === response.body, response.body.constructor.name, response.body.locked];
  }],
  ['body: a reader, chunk by chunk', async ({ fetch, url, server }) => {
    const response = await fetch(url('slow'));
    const reader = response.body.getReader();
    const seen = [response.bodyUsed, await next(reader), response.bodyUsed, response.body.locked];
    await server.write('two');
    seen.push(await next(reader));
    await server.end('three');
    seen.push(await next(reader), await next(reader), await settled(reader.closed));
    return seen;
  }],
  ['body: locked by a reader', async ({ fetch, url }) => {
    const response = await fetch(url('answer?stream'));
    response.body.getReader();
    return [response.bodyUsed, await settled(response.text()), await settled((async () => response.body.getReader())())];
  }],
  ['body: locked, and released again', async ({ fetch, url }) => {
    const response = await fetch(url('answer?stream'));
    response.body.getReader().releaseLock();
    return [response.bodyUsed, await response.text()];
  }],
  ['body: a chunk was read, then text()', async ({ fetch, url }) => {
    const response = await fetch(url('answer?stream'));
    const reader = response.body.getReader();
    await reader.read();
    reader.releaseLock();
    return response.text();
  }],
  ...['answer', 'answer?stream'].map((path) => [`body: a BYOB reader of ${path}`, async ({ fetch, url }) => {
    const reader = (await fetch(url(path))).body.getReader({ mode: 'byob' });
    const seen = [];
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(2));
      if (done) return seen;
      seen.push(text(value));
    }
  }]),
  ['body: an iterator', async ({ fetch, url }) => {
    let all = '';
    for await (const chunk of (await fetch(url('answer?stream'))).body) all += `${chunk.constructor.name} ${text(chunk)}`;
    return all;
  }],
  ['body: piped through a decoder', async ({ fetch, url }) => {
    const reader = (await fetch(url('answer?stream&body=gr%C3%BCn'))).body.pipeThrough(new TextDecoderStream()).getReader();
    return (await reader.read()).value;
  }],
  ['body: tee()', async ({ fetch, url }) => {
    const halves = (await fetch(url('answer?stream'))).body.tee();
    return Promise.all(halves.map((half) => new Response(half).text()));
  }],
  ['body: cancelled', async ({ fetch, url, server }) => {
    const response = await fetch(url('slow'));
    const canceled = await settled(response.body.cancel('enough'));
    await server.closed();
    return [canceled, response.bodyUsed, await settled(response.text())];
  }],
  ['body: cancelled by its reader', async ({ fetch, url, server }) => {
    const reader = (await fetch(url('slow'))).body.getReader();
    const first = await next(reader);
    await reader.cancel();
    await server.closed();
    return [first, await next(reader), await settled(reader.closed)];
  }],
  ['body: one clone cancelled, the other read', async ({ fetch, url, server }) => {
    const response = await fetch(url('slow'));
    const clone = response.clone();
    void clone.body.cancel();
    const reading = response.text();
    await server.end('two');
    return reading;
  }],
  ['body: both clones cancelled', async ({ fetch, url, server }) => {
    const response = await fetch(url('slow'));
    const clone = response.clone();
    await Promise.all([clone.body.cancel(), response.body.cancel()]);
    await server.closed();
    return 'closed';
  }],
  ['body: a slow one, read by text()', async ({ fetch, url, server }) => {
    const response = await fetch(url('slow'));
    const reading = response.text();
    await server.write(' two');
    await server.end(' three');
    return reading;
  }],
  ['body: a short one that is slow', async ({ fetch, url, server }) => {
    const answer = fetch(url('slow?length=5'));
    await server.arrived();
    await server.end('ab');
    return read(await answer);
  }],
  ['body: the connection breaks during text()', async ({ fetch, url, server }) => {
    const response = await fetch(url('slow'));
    const reading = settled(response.text());
    await server.drop();
    return reading;
  }],
  ['body: the connection breaks during json()', async ({ fetch, url, server }) => {
    const response = await fetch(url('slow'));
    const reading = settled(response.json());
    await server.drop();
    return reading;
  }],
  ['body: the connection breaks while a reader waits', async ({ fetch, url, server }) => {
    const reader = (await fetch(url('slow'))).body.getReader();
    const first = await next(reader);
    const second = settled(reader.read());
    await server.drop();
    return [first, await second, await settled(reader.closed)];
  }],
  ['body: the connection breaks, over HTTP/2', async ({ fetch, url, server }) => {
    const response = await fetch(url('slow'));
    const reading = settled(response.text());
    await server.drop();
    return reading;
  }, undefined, 'h2'],
  ['body: the connection breaks in a body with a declared length', async ({ fetch, url, server }) => {
    const answer = fetch(url('slow?length=5'));
    const reading = settled(answer.then((response) => response.text()));
    await server.arrived();
    await server.drop();
    return [(await settled(answer)).error ?? 'a response', await reading];
  }, 'short'],
  ['body: nobody reads it, and the connection breaks', async ({ fetch, url, server }) => {
    const response = await fetch(url('slow'));
    await server.drop();
    return settled(response.text());
  }],
];
