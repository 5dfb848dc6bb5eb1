#!/usr/bin/env node
// The command line.
import './console.js';
import { readFileSync } from 'node:fs';
import { HELP, readOptions } from './arguments.js';
import { greeting } from './greeting.js';
import { PortTakenError } from './listen.js';
import { narrate } from './narrate.js';
import { startProvider } from './provider.js';

const say = (stream, text) => stream.write(`${text}\n`);

function fail(message) {
  say(process.stderr, message);
  process.exit(1);
}

/** Ends the program in an orderly way, when it is told to. */
function endWith(provider, exitWithStdin) {
  const stop = async () => {
    await provider.close();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (exitWithStdin) process.stdin.once('end', stop).once('error', stop).resume();
}

/** The one line for programs. */
function readyLine({ port, apiPort, issuer, applicationVanityDomain, clientId, api, appSettings }) {
  return JSON.stringify({ ready: true, port, apiPort, issuer, applicationVanityDomain, clientId, api, appSettings });
}

async function run() {
  const { help, version, json, quiet, exitWithStdin, provider: options } = readOptions(process.argv.slice(2));
  if (help) return say(process.stdout, HELP.trimEnd());
  if (version) return say(process.stdout, JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version);
  const log = json ? process.stderr : process.stdout;
  const onRequest = quiet ? undefined : (record) => narrate(record).forEach((line) => say(log, line));
  const provider = await startProvider({ ...options, onRequest });
  endWith(provider, exitWithStdin);
  return say(process.stdout, json ? readyLine(provider) : greeting(provider));
}

run().catch((error) => {
  const expected = error instanceof PortTakenError || error instanceof TypeError;
  fail(expected ? error.message : `The provider could not start: ${error.stack}`);
});
