// `diagnose` in every engine: what is well passes, and engines that say little about a failure still name its cause.
import assert from 'node:assert/strict';
import { listen } from '../../demo/provider/src/listen.js';
import { stage } from './support/harness.js';

const { test } = stage();

/** What servers refuse and browsers block is written to the console. */
const announced = [/./];

async function diagnose({ app, page, site }, changes = {}) {
  site.config.vault = 'auto';
  await app.open('blank.html');
  const { apiUrl, ...options } = site.config;
  return page.evaluate(async (given) => (await import('/diagnose.js')).diagnose(given), { ...options, ...changes });
}

const failing = (report) => report.filter(({ ok }) => ok === false).map(({ check, cause }) => `${check}: ${cause}`).join('\n');

const policyOf = (site, name, directive, sources) => site.policy(name).split('; ').map((text) => (text.startsWith(`${directive} `) ? `${directive} ${sources}` : text)).join('; ');

/** A port on which nothing listens. */
async function closedPort() {
  const { port, close } = await listen(() => {}, 0);
  await close();
  return port;
}

const CASES = {
  'a set-up in which nothing is wrong': { spoil() {}, expected: /^$/ },
  'vault.js is index.html': {
    spoil: ({ site }) => site.spoil('vault.js', { type: 'text/html', body: '<!doctype html>' }), expected: /^vault-script: .*status 200 and type text\/html.*$/,
  },
  "the document's policy allows no worker": {
    spoil({ site }) { site.headers = (name) => (name === 'blank.html' ? { 'Content-Security-Policy': policyOf(site, name, 'worker-src', "'none'") } : {}); },
    expected: /^shared-worker: .*\(worker-src\)\nworker: .*\(worker-src\)$/,
  },
  'the keys may not be read by this origin': {
    spoil: ({ control }) => { control.addFault({ endpoint: 'jwks', cors: 'blocked', times: 9 }); }, expected: /^keys: .*can be reached, but does not let/,
  },
  'the API may not be read by this origin': {
    spoil: ({ control }) => { control.addFault({ endpoint: 'api', cors: 'blocked', times: 9 }); }, expected: /^api: .*can be reached, but does not let/,
  },
  'the API does not run': {
    async spoil({ site }) {
      const origin = `http://localhost:${await closedPort()}`;
      site.connectTo.push(origin);
      return { apis: [`${origin}/`] };
    },
    expected: /^api: .*cannot be reached/,
  },
};

for (const [name, { spoil, expected }] of Object.entries(CASES)) {
  test(name, { announced }, async (world) => {
    world.site.headers = () => ({});
    try {
      const report = await diagnose(world, (await spoil(world)) ?? {});
      assert.match(failing(report), expected);
    } finally {
      world.site.heal('vault.js');
    }
  });
}
