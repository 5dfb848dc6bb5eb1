// The work itself in the page, with the tokens in memory or in storage.
import { begin, finish, isFresh, renewed } from './floor/work.mjs';

let config;
let database;
let flight;
let others;
let tokens;

const NAME = 'floor';
const settled = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function load() {
  if (config.storage === 'local') tokens = JSON.parse(localStorage.getItem(NAME));
  else if (database) tokens = await settled(database.transaction(NAME).objectStore(NAME).get(NAME));
}

async function save() {
  if (config.storage === 'local') localStorage.setItem(NAME, JSON.stringify(tokens));
  else if (database) await settled(database.transaction(NAME, 'readwrite').objectStore(NAME).put(tokens, NAME));
}

export async function init(given) {
  config = given;
  if (config.storage === 'indexedDB') {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(NAME);
    database = await settled(opening);
  }
  if (config.storage) {
    others = new BroadcastChannel(NAME);
    // Another tab renewed: the copy in this tab is read again before it is used.
    others.onmessage = () => {
      if (tokens) tokens.end = 0;
    };
  }
  await load();
}

export async function login() {
  const { address, pending } = await begin(config);
  sessionStorage.setItem(NAME, JSON.stringify(pending));
  location.assign(address);
}

export async function handleCallback() {
  const pending = JSON.parse(sessionStorage.getItem(NAME));
  sessionStorage.removeItem(NAME);
  tokens = await finish(config, location.search, pending);
  await save();
}

export const isAuthenticated = () => Boolean(tokens);

async function renew() {
  tokens = await renewed(config, tokens);
  await save();
  others?.postMessage(0);
}

export async function forceRefresh() {
  await load();
  await renew();
}

export async function getAccessToken() {
  if (isFresh(tokens)) return tokens.access_token;
  flight ??= navigator.locks.request(NAME, async () => {
    await load();
    if (!isFresh(tokens)) await renew();
  }).finally(() => { flight = undefined; });
  await flight;
  return tokens.access_token;
}
