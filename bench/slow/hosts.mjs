// The three hosts over TLS and HTTP/2, behind the link.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { get } from 'node:https';
import { fileURLToPath } from 'node:url';
import { listen } from '../provider.mjs';
import { certificate } from './certificate.mjs';

const hostOf = (name) => `${name}.test`;

/** Fetches JSON without a browser: from loopback, trusting the one certificate. */
const readJson = (url, ca) => new Promise((resolve, reject) => {
  const lookup = (_host, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]);
  get(url, { ca, lookup }, async (response) => {
    let text = '';
    for await (const part of response.setEncoding('utf8')) text += part;
    resolve(JSON.parse(text));
  }).on('error', reject);
});

export class Hosts {
  #link = fork(fileURLToPath(new URL('link.mjs', import.meta.url)), { stdio: 'inherit' });
  #arrivals = [];
  #servers = [];
  #tls;

  /** Listens, as `start` of `provider.mjs` requires. */
  async serve(names, handle) {
    this.#tls = certificate(names.map(hostOf));
    this.#servers = names.map((name) => createSecureServer({ ...this.#tls, allowHTTP1: true }, (request, response) => {
      this.#arrivals.push({ at: Date.now(), server: name, method: request.method, path: new URL(request.url, 'https://any.test').pathname });
      handle(name, request, response);
    }));
    this.#link.send({ targets: await Promise.all(this.#servers.map(listen)) });
    const [{ ports }] = await once(this.#link, 'message');
    return {
      origins: names.map((name, index) => `https://${hostOf(name)}:${ports[index]}`),
      readJson: (url) => readJson(url, this.#tls.cert),
      close: () => this.close(),
    };
  }

  /** The options that Chromium needs to reach the hosts. */
  chromium() {
    return { hosts: ['MAP *.test 127.0.0.1'], more: [`--ignore-certificate-errors-spki-list=${this.#tls.digest}`] };
  }

  /** Switches the link, for connections that are opened from now on. */
  use(link) {
    this.#link.send({ link });
  }

  /** The requests that arrived since the last call. */
  takeArrivals() {
    return this.#arrivals.splice(0);
  }

  close() {
    for (const server of this.#servers) server.close();
    this.#link.disconnect();
  }
}
