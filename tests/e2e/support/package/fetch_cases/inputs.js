// What is requested: the first argument, the method and the headers.
import { look, settled } from './look.js';

const read = async (response) => ({ ...look(response), text: await response.text() });

class Inherited {
  get method() { return 'PUT'; }
  get headers() { return { 'x-own': 'inherited' }; }
  get body() { return 'inherited'; }
}

export const INPUTS = [
  ['a string', ({ fetch, url }) => fetch(url('answer')).then(read)],
  ['a URL', ({ fetch, url }) => fetch(new URL(url('answer?a=1&body=%C3%BC'))).then(read)],
  ['an object with toString', ({ fetch, url }) => fetch({ toString: () => url('answer') }).then(read)],
  ['a URL with a fragment', ({ fetch, url }) => fetch(`${url('answer?a=1')}#part`).then(read)],
  ['a URL with spaces and letters of other scripts', ({ fetch, url }) => fetch(`${url('answer')}?a=b c&body=ü語`).then(read)],
  ['a URL with dot segments', ({ fetch, url }) => fetch(url('never/../answer')).then(read)],
  ['a relative URL', ({ fetch, own }) => fetch(own('same.json')).then(read)],
  ['an empty string', ({ fetch }) => fetch('').then(({ status }) => status), 'unlisted'],
  ['a data: URL', ({ fetch }) => fetch('data:,hello').then((response) => response.text()), 'unlisted'],
  ['a URL that apis does not list', ({ fetch, url }) => fetch(url('answer').replace('/v1/', '/v2/')).then(read), 'unlisted'],
  ['a URL with credentials', ({ fetch, url }) => fetch(url('answer').replace('://', '://user:pass@'))],
  ['an invalid URL', ({ fetch }) => fetch('http://[')],
  ['a Request', ({ fetch, url }) => fetch(new Request(url('answer'), { headers: { 'x-own': 'mine' } })).then(read)],
  ['a Request with a body', async ({ fetch, url }) => {
    const request = new Request(url('answer'), { method: 'POST', body: 'mine' });
    const used = request.bodyUsed;
    const answer = fetch(request);
    return [used, request.bodyUsed, await answer.then(read)];
  }],
  ['a Request whose body was read', async ({ fetch, url }) => {
    const request = new Request(url('answer'), { method: 'POST', body: 'mine' });
    await request.text();
    return fetch(request);
  }],
  ['a Request whose content type was removed', ({ fetch, url }) => {
    const request = new Request(url('answer'), { method: 'POST', body: 'mine' });
    request.headers.delete('content-type');
    return fetch(request).then(read);
  }],
  ['a Request and an init that replaces its members', ({ fetch, url }) => {
    const request = new Request(url('answer'), { method: 'POST', body: 'mine', headers: { 'x-own': 'first', 'x-other': 'gone' } });
    return fetch(request, { method: 'PUT', body: 'other', headers: { 'x-own': 'second' } }).then(read);
  }],
  ['init: undefined', ({ fetch, url }) => fetch(url('answer'), undefined).then(read)],
  ['init: null', ({ fetch, url }) => fetch(url('answer'), null).then(read)],
  ['init: a number', ({ fetch, url }) => fetch(url('answer'), 5)],
  ['init: a function with members', ({ fetch, url }) => fetch(url('answer'), Object.assign(() => {}, { method: 'PUT' })).then(read)],
  ['init: an instance whose members are inherited', ({ fetch, url }) => fetch(url('answer'), new Inherited()).then(read)],
  ['init: frozen, with unknown members', ({ fetch, url }) => fetch(url('answer'), Object.freeze({ method: 'POST', timeout: 5 })).then(read)],
  ['init: a getter that throws', ({ fetch, url }) => fetch(url('answer'), { get method() { throw new RangeError('mine'); } })],
  ['an error is a rejection, not an exception', ({ fetch }) => {
    const promise = fetch('http://[', { method: 'in valid' });
    return settled(promise);
  }],
];

const method = (name, differs) => [`method: ${name}`, ({ fetch, url }) => fetch(url('answer'), { method: name }).then(read), differs];

export const METHODS = [
  ...['get', 'post', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'].map((name) => method(name)),
  method('HEAD'), method('head'), method('CONNECT'), method('trace'), method('in valid'), method(''),
];

const headers = (name, given, differs) => [`headers: ${name}`, ({ fetch, url }) => fetch(url('answer'), { headers: given }).then(read), differs];

export const HEADERS = [
  headers('a record', { 'X-Own': 'mine', Accept: 'application/json' }),
  headers('a list of pairs, one name twice', [['x-own', 'one'], ['X-Own', 'two']]),
  ['headers: a Headers object', ({ fetch, url }) => fetch(url('answer'), { headers: new Headers({ 'x-own': 'mine' }) }).then(read)],
  headers('forbidden ones', { Cookie: 'a=b', Host: 'elsewhere', 'Sec-Own': 'x', 'Proxy-Own': 'x', 'X-HTTP-Method-Override': 'TRACE' }),
  headers('an invalid name', { 'in valid': 'x' }),
  headers('an invalid value', { 'x-own': 'a\nb' }),
  headers('a value with spaces around it', { 'x-own': '  mine\t' }),
  headers('a value in Latin-1', { 'x-own': 'grün' }),
  headers('a value outside of Latin-1', { 'x-own': '語' }),
  headers('a list whose entry has one member', [['x-own']]),
  headers('a number as the value', { 'x-own': 5 }),
  headers('null', null),
  headers('If-None-Match and Range', { 'if-none-match': '"1"', range: 'bytes=0-3' }, { shared: 'conditional', worker: 'conditional' }),
  headers('a content type without a body', { 'content-type': 'application/json' }),
  headers('authorization', { authorization: 'Basic bWluZQ==' }),
];
