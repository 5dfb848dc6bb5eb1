// Listens on both loopback addresses, because browsers connect to either for *.localhost.
import http from 'node:http';
import https from 'node:https';

export class PortTakenError extends Error {}

function listenOn(server, port, host) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      resolve(server.address().port);
    });
  });
}

/**
 * Starts to listen, with `tls` (a key and a certificate in PEM) over HTTPS. Returns the port and a function that stops the server. Works
 * without IPv6 too.
 */
export async function listen(handler, wantedPort, tls) {
  const create = () => (tls ? https.createServer(tls, handler) : http.createServer(handler));
  for (let attempt = 0; ; attempt += 1) {
    const servers = [create(), create()];
    // A browser automatically repeats a request when a reused connection breaks. With one connection per
    // request it does not, so that the application sees a dropped connection.
    for (const server of servers) server.maxRequestsPerSocket = 1;
    const close = () => Promise.all(servers.filter((server) => server.listening).map((server) => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    })));
    try {
      const port = await listenOn(servers[0], wantedPort, '127.0.0.1');
      await listenOn(servers[1], port, '::1').catch((error) => {
        if (!['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].includes(error.code)) throw error;
      });
      return { port, close };
    } catch (error) {
      await close();
      if (error.code !== 'EADDRINUSE') throw error;
      if (wantedPort !== 0 || attempt > 9) throw new PortTakenError(`Port ${wantedPort} is already taken.`);
    }
  }
}
