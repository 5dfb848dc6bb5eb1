// What the app does with a session. Each kind of call has a weight and lists the expected errors; every other one is a failure.
// A rare kind waits until no other call of that kind is open in any tab.

/** A response arrived, and it is not the response to this call. */
export class WrongAnswer extends Error {}

function require(isRight, what) {
  if (!isRight) throw new WrongAnswer(what);
}

async function answered(response, status = 200) {
  require(response.status === status, `status ${response.status}`);
  return response;
}

/** Reads a body to its end. Returns the number of bytes. */
async function drain(call, response) {
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    call.progress();
  }
  return bytes;
}

/** Starts to read a stream, and aborts the call after this many milliseconds: perhaps before the response's head has arrived. */
async function abortAfter(call, path, milliseconds) {
  const controller = new AbortController();
  setTimeout(() => {
    controller.abort();
    call.aborted();
  }, milliseconds);
  await drain(call, await answered(await call.fetch(path, { signal: controller.signal })));
}

async function quick(call) {
  const response = await answered(await call.fetch('quick'));
  require((await response.json()).id === call.id, 'the answer to another call');
}

async function echo(call) {
  const body = 'x'.repeat(Math.floor(call.chance.between(1, 20_000)));
  const response = await answered(await call.fetch('echo', { method: 'POST', body }));
  require((await response.text()).length === body.length, 'not what was sent');
}

async function slow(call) {
  await (await answered(await call.fetch(`slow?ms=${call.chance.pick([1000, 2000, 3000])}`))).json();
}

async function events(call) {
  const count = call.chance.pick([5, 10, 15]);
  const bytes = await drain(call, await answered(await call.fetch(`events?count=${count}`)));
  require(bytes === count * 16, `${bytes} bytes of ${count * 16}`);
}

async function big(call) {
  const size = call.chance.pick([200_000, 2_000_000, 6_000_000]);
  const bytes = await drain(call, await answered(await call.fetch(`big?size=${size}`)));
  require(bytes === size, `${bytes} bytes of ${size}`);
}

/** Reads a few chunks, and cancels the stream. */
async function canceled(call) {
  const reader = (await answered(await call.fetch(call.chance.pick(['endless', 'bulk'])))).body.getReader();
  for (let count = call.chance.pick([0, 1, 5]); count > 0; count -= 1) await reader.read();
  await reader.cancel();
  call.aborted();
}

async function bodyCut(call) {
  await drain(call, await answered(await call.fetch(call.chance.pick(['half', 'half?length']))));
}

/** A stream that is never read keeps a connection for as long as the page is open. */
const unread = async (call) => answered(await call.fetch(call.chance.pick(['endless', 'bulk'])));

async function userInfo(call) {
  require((await call.auth.userInfo()).email === 'ada@acme.example', 'another user');
}

const OK = ['ok'];
const ABORTED = ['AbortError'];

export const KINDS = [
  { name: 'quick', weight: 58, expects: OK, run: quick },
  { name: 'echo', weight: 10, expects: OK, run: echo },
  { name: 'slow', weight: 4, expects: OK, run: slow },
  { name: 'answer not read', weight: 6, expects: OK, run: async (call) => answered(await call.fetch('quick')) },
  // The API refuses the token from now on, in all tabs: the library renews it, and sends the request again.
  { name: '401', weight: 2, expects: OK, run: async (call) => answered(await call.fetch('refuse')) },
  { name: '503', weight: 3, expects: OK, run: async (call) => answered(await call.fetch('unavailable'), 503) },
  { name: 'connection cut', weight: 2, expects: ['network'], run: async (call) => answered(await call.fetch('cut')) },
  { name: 'body cut', weight: 2, expects: ['network', 'TypeError'], run: bodyCut },
  { name: 'events', weight: 3, expects: OK, run: events },
  { name: 'big body', weight: 3, expects: OK, run: big },
  { name: 'aborted', weight: 3, expects: ABORTED, run: (call) => abortAfter(call, call.chance.pick(['endless', 'bulk', 'slow?ms=3000']), call.chance.between(30, 1500)) },
  { name: 'aborted early', weight: 3, expects: ABORTED, run: (call) => abortAfter(call, call.chance.pick(['endless', 'bulk']), call.chance.between(0, 30)) },
  { name: 'canceled', weight: 2, expects: OK, run: canceled },
  { name: 'unread', weight: 1, isRare: true, expects: OK, run: unread },
  { name: 'userInfo', weight: 2.5, expects: OK, run: userInfo },
  { name: 'renew', weight: 2, expects: OK, run: (call) => call.auth.renew() },
];
