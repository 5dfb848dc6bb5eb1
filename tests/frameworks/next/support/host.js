// Next's own server for the app in the current folder, in a process of its own: its dev server does not end by itself.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import next from 'next';

const server = createServer((request, response) => {
  // What the test has written last.
  const { page, script } = JSON.parse(readFileSync('headers.json', 'utf8'));
  const headers = new URL(request.url, 'http://localhost').pathname.endsWith('.js') ? script : page;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  // Next takes the nonce for its own scripts from here.
  request.headers['content-security-policy'] = headers['Content-Security-Policy'];
  handle(request, response);
});
await new Promise((resolve) => { server.listen(0, 'localhost', resolve); });
const { port } = server.address();
const app = next({ dev: process.argv[2] === 'dev', dir: '.', hostname: 'localhost', port, httpServer: server });
const handle = app.getRequestHandler();
await app.prepare();
process.send(port);
