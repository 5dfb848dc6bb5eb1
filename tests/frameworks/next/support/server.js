// Next as a host; it reports every file as the static host does.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Next writes the nonce of a request's policy into every script that it adds to the page. A real host makes a new one for every response. */
export const NONCE = 'of-the-tests';

/** The environment of Next's processes. */
export const ENV = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };

/**
 * Starts Next in the folder of an app that reads its settings from `config.json` there. `mode` is `"dev"` or `"start"`. Returns the `start` of
 * `visit`, which is always the same host: Next takes seconds to start.
 */
export async function nextServer(root, mode) {
  const host = fork(fileURLToPath(new URL('host.js', import.meta.url)), [mode], { cwd: root, env: ENV, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  after(async () => {
    host.kill('SIGKILL');
    await once(host, 'exit');
  });
  const [port] = await once(host, 'message');
  const origin = `http://localhost:${port}`;
  const write = (name, value) => writeFileSync(path.join(root, name), JSON.stringify(value));
  const site = { origin, url: (page = '') => `${origin}/${page}`, close: async () => {} };
  Object.defineProperty(site, 'config', { set: (config) => write('config.json', config) });
  Object.defineProperty(site, 'headers', { set: (headers) => write('headers.json', { page: headers('page'), script: headers('script.js') }) });
  return async () => site;
}
