// What the provider answers a browser, asked without one.
import http from 'node:http';

/** Where the provider sends a browser with these cookies. The address is given by number: not every machine knows all names of itself. */
export function redirectOf(url, cookies) {
  const { host, pathname, port, search } = new URL(url);
  const headers = { host, accept: 'text/html', cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') };
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path: pathname + search, headers }, (response) => {
      response.resume();
      resolve(response.headers.location);
    });
    request.on('error', reject);
  });
}
