// The provider's redirect of a browser, requested without one.
import http from 'node:http';

/** The URL to which the provider redirects a browser with these cookies. The host is a number, because not every machine resolves its own names. */
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
