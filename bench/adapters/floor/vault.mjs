// The worker's side: one session, one renewal at a time.
import { begin, finish, isFresh, keysOf, renewed } from './work.mjs';

let config;
let flight;
let pending;
let tokens;

async function renew() {
  flight ??= renewed(config, tokens).finally(() => { flight = undefined; });
  tokens = await flight;
}

const work = {
  start(given) {
    config = given;
    return Boolean(tokens);
  },
  async login() {
    const begun = await begin(config);
    ({ pending } = begun);
    // They are fetched while the user types.
    keysOf(config);
    return begun.address;
  },
  async finish(search) {
    const once = pending;
    pending = undefined;
    tokens = await finish(config, search, once);
    return true;
  },
  renew,
  async token() {
    if (!isFresh(tokens)) await renew();
    return tokens.access_token;
  },
};

addEventListener('connect', ({ ports: [port] }) => {
  port.onmessage = async ({ data: [id, what, given] }) => {
    try {
      const value = await work[what](...given);
      port.postMessage([id, undefined, value]);
    } catch (error) {
      port.postMessage([id, String(error)]);
    }
  };
});
