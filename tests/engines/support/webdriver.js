// A client for W3C WebDriver, as much of it as the tests need.
import http from 'node:http';

/** The key of an element reference in the protocol. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** The driver's response. Not `fetch`: that gives up after five minutes, and keeps connections that the driver closes. */
function send({ port, method, path, body }) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method, path, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve(JSON.parse(text).value);
    });
    request.on('error', reject);
    request.end(body && JSON.stringify(body));
  });
}

async function command(port, method, path, body) {
  const value = await send({ port, method, path, body });
  if (value?.error) throw new Error(`The driver says "${value.error}": ${value.message} (${method} ${path}).`);
  return value;
}

/** Whether a driver answers at this port. */
export function isReady(port) {
  return send({ port, method: 'GET', path: '/status' }).then(({ ready }) => ready, () => false);
}

/** Starts a browser, and returns its commands. */
export async function newSession(port, capabilities) {
  const { sessionId } = await command(port, 'POST', '/session', { capabilities: { alwaysMatch: capabilities } });
  const get = (path) => command(port, 'GET', `/session/${sessionId}${path}`);
  const post = (path, body = {}) => command(port, 'POST', `/session/${sessionId}${path}`, body);
  const remove = (path = '') => command(port, 'DELETE', `/session/${sessionId}${path}`);
  return {
    window: () => get('/window'),
    switchTo: (handle) => post('/window', { handle }),
    newWindow: async () => (await post('/window/new', { type: 'window' })).handle,
    closeWindow: () => remove('/window'),
    open: (url) => post('/url', { url }),
    reload: () => post('/refresh'),
    /** The element that an expression evaluates to. */
    element: async (expression) => (await post('/execute/sync', { script: `return ${expression};`, args: [] }))[ELEMENT],
    /** The value of an expression, awaited if it is a promise. */
    evaluate: (expression) => post('/execute/async', { script: `(${expression}).then(arguments[0]);`, args: [] }),
    click: (element) => post(`/element/${element}/click`),
    clear: (element) => post(`/element/${element}/clear`),
    type: (element, text) => post(`/element/${element}/value`, { text }),
    /** A picture of the page, as PNG in base64. */
    screenshot: () => get('/screenshot'),
    end: () => remove(),
  };
}
