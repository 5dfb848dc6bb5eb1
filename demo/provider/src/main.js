// The command line.
import './console.js';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { PortTakenError } from './listen.js';
import { startProvider } from './provider.js';

const OPTIONS = {
  port: { type: 'string', default: '4400' },
  'api-port': { type: 'string', default: '4401' },
  plain: { type: 'boolean', default: false },
  issuer: { type: 'string' },
  'app-origin': { type: 'string', multiple: true, default: ['http://localhost:4402'] },
  'redirect-uri': { type: 'string', multiple: true, default: [] },
  'login-url': { type: 'string' },
  'logout-url': { type: 'string', multiple: true, default: [] },
  'tls-key': { type: 'string' },
  'tls-cert': { type: 'string' },
  quiet: { type: 'boolean', default: false },
  'exit-with-stdin': { type: 'boolean', default: false },
};

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function portOf(name, text) {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new TypeError(`--${name} must be a port number.`);
  return port;
}

function tlsOf(key, cert) {
  if (!key && !cert) return undefined;
  if (!key || !cert) throw new TypeError('HTTPS needs both --tls-key and --tls-cert.');
  try {
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } catch (error) {
    throw new TypeError(`${error.path} could not be read: ${error.code}.`);
  }
}

function readOptions() {
  const { values } = parseArgs({ options: OPTIONS });
  const urls = [values.issuer, values['login-url'], ...values['app-origin'], ...values['redirect-uri'], ...values['logout-url']];
  const bad = urls.find((url) => url !== undefined && !URL.canParse(url));
  if (bad !== undefined) throw new TypeError(`"${bad}" is not a URL.`);
  return {
    quiet: values.quiet,
    exitWithStdin: values['exit-with-stdin'],
    provider: {
      port: portOf('port', values.port),
      apiPort: portOf('api-port', values['api-port']),
      plain: values.plain,
      issuer: values.issuer,
      appOrigins: values['app-origin'].map((url) => new URL(url).origin),
      redirectUris: values['redirect-uri'],
      loginUrl: values['login-url'],
      logoutUrls: values['logout-url'],
      tls: tlsOf(values['tls-key'], values['tls-cert']),
    },
  };
}

function logRequest({ method, host, path, status, endpoint, fault }) {
  const note = fault ? `  fault: ${JSON.stringify(fault)}` : '';
  process.stderr.write(`${status ?? 'cut'} ${method} ${host}${path}${endpoint ? `  (${endpoint})` : ''}${note}\n`);
}

async function run() {
  const { quiet, exitWithStdin, provider: options } = readOptions();
  const provider = await startProvider({ ...options, onRequest: quiet ? undefined : logRequest });
  const stop = async () => {
    await provider.close();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (exitWithStdin) process.stdin.once('end', stop).once('error', stop).resume();
  const { port, apiPort, issuer, applicationVanityDomain, clientId, api } = provider;
  process.stdout.write(`${JSON.stringify({ ready: true, port, apiPort, issuer, applicationVanityDomain, clientId, api })}\n`);
}

run().catch((error) => {
  const expected = error instanceof PortTakenError || error instanceof TypeError;
  fail(expected ? error.message : `The provider could not start: ${error.stack}`);
});
