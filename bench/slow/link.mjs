// A TCP proxy that simulates a slow link: one bottleneck each way, shared by all connections, half of the round-trip time each way, one round
// trip for TCP's handshake, and slow start from ten segments. It is a separate process, so that nothing else delays it. It receives the ports to
// connect to, `{ targets }`, and answers with as many of its own; then it receives links, `{ link: { rtt, down, up, slowStart } }`, in ms and kbps.
import { connect, createServer } from 'node:net';

const HOST = '127.0.0.1';
const SEGMENT = 1_460;
const HEADERS = 40;
const FIRST_WINDOW = 10 * SEGMENT;
/** The precision of timers, in ms. */
const EXACT = 0.3;
const SOCKETS = { noDelay: true, allowHalfOpen: true };

const now = () => performance.now();
let link;
/** When the bottleneck is free again, each way. */
let free;

function use({ rtt = 0, down = Infinity, up = Infinity, slowStart = true }) {
  // Kilobits per second divided by eight are bytes per millisecond.
  link = { rtt, down: down / 8, up: up / 8, slowStart, isSlow: rtt > 0 };
  free = { down: 0, up: 0 };
}

/** One direction of one connection. Returns a function that takes its data, and `null` at the end. */
function pipe(sink, way, opensAt, hasWindow) {
  const waiting = [];
  const flying = [];
  let unacknowledged = 0;
  let window = FIRST_WINDOW;
  let timer;

  function acknowledge(length) {
    unacknowledged -= length;
    window += length;
    send();
  }

  function deliver() {
    timer = undefined;
    while (flying.length > 0 && flying[0].at <= now() + EXACT) {
      const { segment } = flying.shift();
      if (!segment) sink.end();
      else sink.write(segment);
      if (segment && hasWindow) setTimeout(acknowledge, link.rtt / 2, segment.length);
    }
    schedule();
  }

  function schedule() {
    if (timer || flying.length === 0) return;
    const wait = flying[0].at - now();
    if (wait <= EXACT) deliver();
    else timer = setTimeout(deliver, wait);
  }

  function send() {
    while (waiting.length > 0) {
      const length = waiting[0]?.length ?? 0;
      if (hasWindow && unacknowledged > 0 && unacknowledged + length > window) break;
      free[way] = Math.max(now(), opensAt, free[way]) + (length + HEADERS) / link[way];
      unacknowledged += length;
      flying.push({ at: free[way] + link.rtt / 2, segment: waiting.shift() });
    }
    schedule();
  }

  return (chunk) => {
    if (chunk) for (let from = 0; from < chunk.length; from += SEGMENT) waiting.push(chunk.subarray(from, from + SEGMENT));
    else waiting.push(null);
    send();
  };
}

function slowly(client, server) {
  const up = pipe(server, 'up', now() + link.rtt, false);
  const down = pipe(client, 'down', 0, link.slowStart);
  client.on('data', up).on('end', () => up(null));
  server.on('data', down).on('end', () => down(null));
}

function forward(client, port) {
  const server = connect({ port, host: HOST, ...SOCKETS });
  if (link.isSlow) slowly(client, server);
  else client.pipe(server).pipe(client);
  const { rtt } = link;
  client.on('error', () => server.destroy()).on('close', () => server.destroy());
  server.on('error', () => client.destroy()).on('close', () => setTimeout(() => client.destroy(), rtt));
}

const listen = (target) => new Promise((resolve) => {
  const server = createServer(SOCKETS, (client) => forward(client, target));
  server.listen(0, HOST, () => resolve(server.address().port));
});

use({});
process.on('message', async ({ targets, link: next }) => {
  if (targets) process.send({ ports: await Promise.all(targets.map(listen)) });
  if (next) use(next);
});
process.on('disconnect', () => process.exit());
