// Shows that every counter works: with `--prove` the client, the API and the provider do what must not happen, instead of the faults.
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { openWorker } from '../e2e/support/devtools.js';
import { ProviderLog } from '../e2e/support/provider_log.js';
import { growth, workerOf } from './memory.mjs';

/** Calls that a correct client does not make. They run in a page. */
function misbehave() {
  const { auth, soak } = window;
  soak.make({ name: 'never answered', expects: ['ok'], run: (call) => call.fetch('never') });
  soak.make({ name: 'not listed', expects: ['ok'], run: () => auth.fetch('http://127.0.0.1:9/') });
  soak.make({
    name: 'said to be aborted',
    expects: ['ok'],
    async run(call) {
      await call.fetch('endless');
      call.aborted();
    },
  });
  setTimeout(() => { throw new Error('deliberate, in the page'); });
  Promise.reject(new Error('deliberate, unhandled'));
}

const LEAK = `globalThis.leaked = []; setInterval(() => {
  const [port, response] = [new MessageChannel().port1, new Response()];
  leaked.push(Array.from({ length: 20000 }, Math.random), port, response);
  soakProbe.memory.grow(1);
  soakProbe.ports.push(new WeakRef(port));
  soakProbe.responses.push(new WeakRef(response));
}, 500);`;

async function leak({ page }) {
  const worker = await openWorker(await workerOf(page));
  await worker.send('Runtime.evaluate', { expression: `${LEAK} setTimeout(() => { throw new Error('deliberate, in the worker'); });` });
  await worker.detach();
  await page.evaluate(() => {
    setInterval(() => {
      const leaked = Array.from({ length: 20_000 }, Math.random);
      addEventListener('never', () => leaked.pop());
    }, 500);
  });
}

/** A request that does not end with the page that it claims to belong to. */
async function outlive(tab, { api, provider }) {
  const token = provider.control.issued().accessTokens.at(-1);
  http.get(`${api.prefix}endless`, { headers: { authorization: `Bearer ${token}`, 'x-call': `${tab.doc}-0` } }, (response) => response.resume().on('error', () => {})).on('error', () => {});
  await pause(300);
  await tab.exclusive(() => tab.reload());
}

export async function misuse({ tabs, world }) {
  const [first, , third, fourth] = tabs;
  await pause(3_000);
  await leak(first);
  await first.exclusive(() => first.page.evaluate(misbehave));
  await outlive(third, world);
  await fourth.exclusive(() => fourth.page.goto('about:blank'));
  await pause(26_000);
  // The provider takes this for theft, and ends the session: it cannot be restored, because the user's session there is ended too.
  const { control } = world.provider;
  control.endSessions();
  await new ProviderLog(world.provider, { plain: false }).tryRefreshToken(control.issued().refreshTokens[0]);
  await pause(15_000);
}

/** Which counters did not count. */
export function unproven(run) {
  // The login after the loss reloads the page.
  const figures = growth(run.samples.filter(({ at }) => !(at > run.lost[0]?.at)));
  const grows = (name) => figures.some((figure) => figure.name === name && figure.perHour > 1);
  const proofs = {
    hung: run.hung.some(({ kind }) => kind === 'never answered'),
    'unexpected errors': run.errors.address_not_listed?.unexpected > 0,
    'sessions lost': run.lost.length > 0,
    'refresh tokens sent again': run.reused.length > 0,
    'streams left after an abort': run.left.some(({ why }) => why === 'aborted'),
    'streams left after a reload': run.left.some(({ why, id }) => why === 'reloaded' && id.endsWith('-0')),
    'tabs outside the app': run.stranded.some(({ where }) => where === 'about:blank'),
    ...Object.fromEntries(['in the page', 'unhandled', 'in the worker'].map((where) => [`not caught, ${where}`, run.uncaught.some(({ text }) => text.includes(`deliberate, ${where}`))])),
    ...Object.fromEntries(['wasm MB', 'worker MB', 'page MB', 'ports in the worker', 'responses in the worker', 'listeners in the page'].map((name) => [`growth, ${name}`, grows(name)])),
  };
  return Object.entries(proofs).filter(([, isProven]) => !isProven).map(([name]) => name);
}
