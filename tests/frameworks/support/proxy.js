// A host in front of a dev server that has no hooks of its own: it adds the headers, and serves the app's settings.
import http from 'node:http';
import { listen } from '../../../demo/provider/src/listen.js';

/** They belong to one connection (RFC 9110 §7.6.1). */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding'];

export const proxy = (target) => async () => {
  const site = {};
  const { port, close } = await listen((request, response) => {
    const { pathname } = new URL(request.url, target);
    for (const [name, value] of Object.entries(site.headers(pathname))) response.setHeader(name, value);
    if (pathname === '/config.json') {
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(site.config));
      return;
    }
    const { host } = new URL(target);
    const passed = http.request(new URL(request.url, target), { method: request.method, headers: { ...request.headers, host } }, (answer) => {
      for (const [name, value] of Object.entries(answer.headers)) if (!HOP_BY_HOP.includes(name)) response.setHeader(name, value);
      response.writeHead(answer.statusCode);
      answer.pipe(response);
    });
    passed.on('error', (error) => response.writeHead(502).end(String(error)));
    request.pipe(passed);
  }, 0);
  const origin = `http://localhost:${port}`;
  return Object.assign(site, { origin, url: (page = '') => `${origin}/${page}`, close });
};
