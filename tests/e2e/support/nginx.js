// nginx with the demo, set up as docs/deploy says.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from './eventually.js';
import { listen } from '../../../demo/provider/src/listen.js';

const DOCUMENTED = new URL('../../../docs/deploy/nginx.conf', import.meta.url);

/** The path under which the documented configuration serves the demo. */
const BASE = '/some/app/';

/** The program, if there is one. */
export const NGINX = [process.env.NGINX_PATH, '/usr/sbin/nginx', '/usr/bin/nginx'].find((program) => program && existsSync(program));

/** The files of this nginx: the MIME types, and the module for brotli if it is installed. All may be unpacked below another folder. */
function belongings() {
  const above = NGINX.replace(/\/usr\/s?bin\/nginx$/, '');
  const built = spawnSync(NGINX, ['-V'], { encoding: 'utf8' }).stderr;
  const [conf, modules] = ['conf', 'modules'].map((name) => new RegExp(`--${name}-path=(\\S+)`).exec(built)?.[1] ?? '');
  const brotli = path.join(above, modules, 'ngx_http_brotli_static_module.so');
  return { types: path.join(above, path.dirname(conf), 'mime.types'), brotli: existsSync(brotli) ? brotli : undefined };
}

/** The documented configuration for this machine. Only what is replaced here differs. */
function configured(text, replacements) {
  return replacements.reduce((whole, [documented, here]) => {
    assert.ok(whole.includes(documented), `The documented configuration lacks ${documented}.`);
    return whole.replaceAll(documented, here);
  }, text);
}

/** The whole configuration around the documented part, which belongs into a folder that only the system's nginx reads. */
const around = ({ types, brotli }, folder) => `
${brotli ? `load_module ${brotli};` : ''}
daemon off;
master_process off;
pid ${folder}/pid;
error_log stderr;
events {}
http {
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  access_log off;
  include ${types};
  default_type application/octet-stream;
  include demo.conf;
}
`;

/** An origin for the demo on this machine, known before nginx is started. */
export async function placeForDemo() {
  const { port, close } = await listen(() => {}, 0);
  await close();
  const origin = `http://localhost:${port}`;
  return { port, origin, url: (page = '') => `${origin}${BASE}${page}` };
}

/** Serves a copy of the `files` with these settings at an origin. */
export async function startNginx({ files, site, config, provider }) {
  const own = belongings();
  const folder = await mkdtemp(path.join(tmpdir(), 'nginx-'));
  await cp(files, path.join(folder, 'www', BASE), { recursive: true });
  await writeFile(path.join(folder, 'www', BASE, 'config.json'), JSON.stringify(config));
  await writeFile(path.join(folder, 'nginx.conf'), around(own, folder));
  await writeFile(path.join(folder, 'demo.conf'), configured(await readFile(DOCUMENTED, 'utf8'), [
    ['listen 80;', `listen localhost:${site.port};`],
    ['root /srv/www;', `root ${folder}/www;`],
    ['https://app.example/some/app/vault.js', site.url('vault.js')],
    ['https://invotastic-acme.us.wristband.dev', `http://${provider.applicationVanityDomain}`],
    ['https://api.example', new URL(provider.api).origin],
    ...(own.brotli ? [['# brotli_static on;', 'brotli_static on;']] : []),
  ]));
  const server = spawn(NGINX, ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = [];
  server.stderr.setEncoding('utf8').on('data', (text) => said.push(text));
  const ended = once(server, 'exit');
  async function close() {
    server.kill();
    await ended;
    await rm(folder, { recursive: true });
  }
  try {
    await eventually('nginx', async () => {
      assert.equal(server.exitCode, null, said.join(''));
      return fetch(site.url());
    });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    hasBrotli: own.brotli !== undefined,
    /** Its error log. */
    said,
    close,
  };
}
