// What a script would try that an attacker has brought into the web view.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** Paths that lead elsewhere, if they are put behind the API's URL, or replace it. */
const pathsTo = (host) => [
  `http://${host}/`, `https://${host}/`, `//${host}/`, `/\\${host}/`, `\\\\${host}\\`, `@${host}/`, `.${host}/`, `:80@${host}/`,
  '', '/', '/v1/me', '/me', 'me/', 'a//b', '.', '..', '../', '../health', '../v1/me', 'me/../../health', './me', '%2e%2e/health', '%2E%2E%2Fhealth',
  '..%2fhealth', '%252e%252e/health', '..\\health', '..%5chealth', '．．/health', 'me/..;/health', 'me?x=1', 'me#x', 'me\r\nHost: x', 'me\0', ' me', 'me ',
  `redirect?to=http://${host}/`, `redirect%3Fto=http://${host}/`, 'redirect', 'javascript:alert(1)', 'file:///etc/passwd', 'a'.repeat(100_000),
];

/** Arguments that are no path. */
const NO_PATHS = [null, 1, true, ['me'], ['..', 'health'], { path: 'me' }, { toString: 'me' }];

/** Commands that a web view often has, and this one does not. */
const FOREIGN = [
  ['plugin:http|fetch', { clientConfig: { method: 'GET', url: 'http://localhost/', headers: [] } }],
  ['plugin:fs|read_text_file', { path: '/etc/passwd' }],
  ['plugin:shell|execute', { program: 'id', args: [] }],
  ['plugin:shell|open', { path: 'http://localhost/' }],
  ['plugin:opener|open_url', { url: 'http://localhost/' }],
  // The URLs of deep links, which have authorization codes, come as this event.
  ['plugin:event|listen', { event: 'deep-link://new-url', target: { kind: 'Any' }, handler: 1 }],
  ['plugin:deep-link|get_current', {}],
  ['plugin:deep-link|register', { protocol: 'https' }],
  ['plugin:event|emit', { event: 'session', payload: { status: 'signed-in' } }],
  ['plugin:webview|create_webview_window', { options: { label: 'other', url: 'http://localhost/' } }],
  ['plugin:webview|get_all_webviews', {}],
  ['plugin:window|get_all_windows', {}],
  ['plugin:path|resolve_directory', { directory: 1 }],
  ['plugin:app|version', {}],
  ['access_token', {}],
  ['callback', { url: 'http://127.0.0.1/callback?code=c&state=s' }],
  ['fetch', { url: 'http://localhost/' }],
];

/** Runs in the page: ways out of it, around the shell. */
async function waysOut(origin) {
  const attempts = {
    fetch: () => fetch(`${origin}/fetch`, { mode: 'no-cors' }),
    beacon: () => navigator.sendBeacon(`${origin}/beacon`, 'x'),
    image: () => { new Image().src = `${origin}/image`; },
    script: () => document.head.append(Object.assign(document.createElement('script'), { src: `${origin}/script` })),
    style: () => document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${origin}/style` })),
    prefetch: () => document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href: `${origin}/prefetch` })),
    preload: () => document.head.append(Object.assign(document.createElement('link'), { rel: 'preload', as: 'image', href: `${origin}/preload` })),
    frame: () => document.body.append(Object.assign(document.createElement('iframe'), { src: `${origin}/frame` })),
    object: () => document.body.append(Object.assign(document.createElement('object'), { data: `${origin}/object` })),
    form: () => {
      const form = Object.assign(document.createElement('form'), { action: `${origin}/form`, method: 'POST' });
      document.body.append(form);
      form.submit();
    },
    media: () => document.body.append(Object.assign(document.createElement('audio'), { src: `${origin}/media`, autoplay: true })),
    module: () => import(`${origin}/module`),
    download: () => {
      const link = Object.assign(document.createElement('a'), { href: `${origin}/download`, download: 'x' });
      document.body.append(link);
      link.click();
    },
    refresh: () => document.head.append(Object.assign(document.createElement('meta'), { httpEquiv: 'refresh', content: `0;url=${origin}/refresh` })),
    socket: () => new WebSocket(`${origin.replace('http', 'ws')}/socket`),
    events: () => new EventSource(`${origin}/events`),
    worker: () => new Worker(URL.createObjectURL(new Blob([`fetch('${origin}/worker')`]))),
    window: () => window.open(`${origin}/window`),
    link: () => {
      const link = Object.assign(document.createElement('a'), { href: `${origin}/link`, target: '_blank' });
      document.body.append(link);
      link.click();
    },
    ping: () => {
      const link = Object.assign(document.createElement('a'), { href: '#', ping: `${origin}/ping` });
      document.body.append(link);
      link.click();
    },
    inline: () => document.body.append(Object.assign(document.createElement('script'), { textContent: `location = '${origin}/inline'` })),
    navigation: () => { location.href = `${origin}/navigation`; },
  };
  const thrown = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      await attempt();
    } catch (error) {
      thrown[name] = error.name;
    }
  }
  return thrown;
}

async function startTrap() {
  const caught = [];
  const server = http.createServer((request, response) => {
    caught.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
    response.end();
  }).listen(0, '127.0.0.1');
  server.on('upgrade', (request, socket) => {
    caught.push(`upgrade ${request.url}`);
    socket.destroy();
  });
  await once(server, 'listening');
  return { caught, host: `127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** Tries everything, and checks that nothing came of it. */
export async function hostile(app, { desktop, context }) {
  const { control } = desktop.provider;
  const trap = await startTrap();
  try {
    const before = { api: control.log().length, opened: (await desktop.opened()).length };
    const paths = pathsTo(trap.host);
    for (const path of paths) {
      const { refused } = await app.invoke('call_api', { path });
      assert.equal(refused, path === 'redirect' ? 'api_refused' : 'address_not_listed', path.slice(0, 100));
    }
    for (const path of NO_PATHS) {
      const { refused } = await app.invoke('call_api', { path });
      assert.match(refused, /invalid args `path`/, JSON.stringify(path));
    }
    // Whatever else the arguments have makes no difference.
    const more = { path: 'me', url: `http://${trap.host}/`, headers: { Host: trap.host }, method: 'POST', withToken: true, redirect: 'follow' };
    const { result: me } = await app.invoke('call_api', more);
    assert.equal(me.email, 'ada@acme.example');

    for (const [command, payload] of FOREIGN) {
      const { refused } = await app.invoke(command, payload);
      assert.match(refused ?? '', /not allowed|not found/, command);
    }
    const plain = await app.invoke('user_info');
    assert.deepEqual(await app.invoke('user_info', { withTokens: true, url: `http://${trap.host}/`, fields: ['*'] }), plain);
    assert.deepEqual(Object.keys(plain.result).sort(), ['email', 'name', 'roles']);
    for (const changes of [null, 1, 'x', `http://${trap.host}/`, '__CHANNEL__:', '__CHANNEL__:x', { id: 1 }]) {
      const { refused } = await app.invoke('state', { changes });
      assert.match(refused, /invalid args `changes`|invalid channel value/, JSON.stringify(changes));
    }
    for (const tenant of [`${trap.host}/`, `${trap.host}#`, 'acme.evil', 'acme@evil', 'a'.repeat(10_000), '../acme', 'acme\0']) {
      const { refused } = await app.invoke('login', { tenant });
      assert.equal(refused, 'tenant_invalid', tenant.slice(0, 100));
    }
    assert.equal((await desktop.opened()).length, before.opened, 'A login with an invalid tenant opened the browser.');

    const asked = control.log().slice(before.api).filter(({ endpoint }) => endpoint === 'api').map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual([...new Set(asked)].sort(), ['GET /v1/me', 'GET /v1/redirect']);

    const thrown = await app.evaluate(`(${waysOut})("http://${trap.host}")`);
    await pause(1500);
    assert.deepEqual(trap.caught, []);
    assert.equal(await app.evaluate('Promise.resolve(location.origin)'), 'tauri://localhost');
    assert.equal((await desktop.opened()).length, before.opened, 'The page opened the browser.');
    context.diagnostic(`${paths.length + NO_PATHS.length} arguments of call_api, ${FOREIGN.length} other commands. Thrown: ${JSON.stringify(thrown)}`);
  } finally {
    trap.close();
  }
}
