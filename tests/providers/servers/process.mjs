// What all the providers need: their programs, free ports, and a word for a tool that is not here.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Characters of a program's output that are kept, for the message of an error. */
const OUTPUT = 4000;

/** A tool that this machine lacks. The message is one sentence. */
export class Missing extends Error {
  name = 'Missing';
}

/** A path under `target/tools`. */
export const toolPath = (...names) => path.join(fileURLToPath(new URL('../../../target/tools', import.meta.url)), ...names);

/** Runs a program to its end, and returns what it printed. */
export async function run(command, args, options) {
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 1 << 26, ...options });
  return stdout;
}

/** Runs a program to its end. If it fails, the tool counts as missing, for the reason given. */
export async function need(reason, command, args, options) {
  try {
    return await run(command, args, options);
  } catch (cause) {
    throw new Missing(reason, { cause });
  }
}

/** Does the work unless `folder` says that it was done for this version. */
export async function onceFor(folder, version, work) {
  const marker = path.join(folder, 'version.txt');
  if (await readFile(marker, 'utf8').catch(() => '') === version) return;
  await mkdir(folder, { recursive: true });
  await work();
  await writeFile(marker, version);
}

export async function freePort() {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

const answers = (url) => fetch(url, { signal: AbortSignal.timeout(5000) }).then(({ ok }) => ok, () => false);

/** Starts a program, and waits until `url` answers. */
export async function startProgram({ command, args, url, seconds = 180, ...options }) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  // Without an id, because there is no such program, the signal would go to this process and all of its group.
  const end = () => child.pid && child.kill();
  // A test that fails must not leave the provider behind.
  process.once('exit', end);
  let output = '';
  const keep = (chunk) => { output = (output + chunk).slice(-OUTPUT); };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const closed = once(child, 'close').catch(keep).finally(() => process.off('exit', end));
  const stop = () => {
    end();
    return closed;
  };
  const deadline = performance.now() + seconds * 1000;
  while (!await answers(url)) {
    const isOver = child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
    if (isOver || performance.now() > deadline) {
      await stop();
      throw new Error(`${path.basename(command)} ${isOver ? 'has ended' : 'does not answer'}: ${output}`);
    }
    await sleep(100);
  }
  return { stop };
}

/** Starts a program that can be started again with the same options, on the same data. */
export async function startRestartable(options) {
  let program = await startProgram(options);
  return {
    stop: () => program.stop(),
    async restart() {
      await program.stop();
      program = await startProgram(options);
    },
  };
}

/** Makes a folder for one instance, which goes at its end. */
export async function ownFolder(name, atEnd) {
  const folder = await mkdtemp(path.join(os.tmpdir(), `${name}-`));
  atEnd(() => rm(folder, { recursive: true }));
  return folder;
}

/** Does the steps of a start. `atEnd` takes what undoes one: `stop` does that in reverse order, as does a step that fails. */
export async function startSteps(steps) {
  const undo = [];
  const stop = async () => {
    while (undo.length > 0) await undo.pop()();
  };
  try {
    return { ...await steps((work) => undo.push(work)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
