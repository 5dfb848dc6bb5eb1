// An app with users: it calls its API, the provider and the session in its own rhythm, and reports every step to the script that drives it.
import { openAuth } from '/index.js';
import { KINDS, WrongAnswer } from '/calls.js';
import { createChance } from '/chance.js';

/** The maximum of open calls: a suspended vault must not fill the page's memory. */
const MAX_OPEN = 20;

/** Milliseconds between two reports that a stream continues. */
const PROGRESS_INTERVAL = 1_000;

const doc = crypto.randomUUID().slice(0, 8);
const tell = (event, members) => window.tellSoak({ event, doc, ...members });
const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

const { api, ...options } = await (await fetch('/config.json')).json();
const { seed, meanPause } = await tell('open');
const chance = createChance(seed);
const auth = openAuth(options);
Object.assign(window, { auth, api });

const tellState = ({ status, reason, error }) => tell('state', { status, reason: reason ?? error?.code, detail: error?.message });
tellState(auth.state);
auth.subscribe(tellState);
auth.ready.catch(() => {});
// Reports made while the page goes into the back/forward cache get lost: when it comes back it lists the calls that it still waits for.
addEventListener('pageshow', ({ persisted }) => { if (persisted) tell('back', { open: [...open] }); });

const outcomeOf = (error) => {
  if (error instanceof WrongAnswer) return `wrong answer: ${error.message}`;
  return typeof error?.code === 'string' ? error.code : String(error?.name ?? error);
};

const open = new Set();
let count = 0;

/** What one call of the app can use. */
function createCall(id) {
  let toldAt = performance.now();
  return {
    id,
    auth,
    chance,
    fetch: (path, init) => auth.fetch(api + path, { ...init, headers: { 'x-call': id } }),
    aborted: () => tell('aborted', { id }),
    progress() {
      if (performance.now() - toldAt < PROGRESS_INTERVAL) return;
      toldAt = performance.now();
      tell('progress', { id });
    },
  };
}

/** Makes a call. The script that checks the counters makes some of its own. */
async function make({ name, expects, run }) {
  count += 1;
  const id = `${doc}-${count}`;
  const begun = performance.now();
  open.add(id);
  tell('begin', { id, kind: name });
  let detail;
  const outcome = await run(createCall(id)).then(() => 'ok', (error) => {
    detail = String(error?.message ?? error).slice(0, 200);
    return outcomeOf(error);
  });
  open.delete(id);
  tell('end', { id, outcome, detail, isExpected: expects.includes(outcome), milliseconds: performance.now() - begun });
}

Object.assign(window, { soak: { make, isStopped: false } });
for (;;) {
  await pause(chance.exponential(meanPause));
  if (auth.state.status !== 'signed-in' || open.size >= MAX_OPEN || window.soak.isStopped) continue;
  const kind = chance.weighted(KINDS);
  if (!kind.isRare || await tell('may leave unread')) make(kind);
}
