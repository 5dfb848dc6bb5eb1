// The options of the command line.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const OPTIONS = {
  origin: { type: 'string', multiple: true, default: ['http://localhost:4402'] },
  'redirect-uri': { type: 'string', multiple: true, default: [] },
  'login-url': { type: 'string' },
  'logout-url': { type: 'string', multiple: true, default: [] },
  'client-id': { type: 'string' },
  native: { type: 'boolean' },
  users: { type: 'string' },
  plain: { type: 'boolean', default: false },
  issuer: { type: 'string' },
  port: { type: 'string', default: '4400' },
  'api-port': { type: 'string', default: '4401' },
  'access-token-ttl': { type: 'string' },
  'id-token-ttl': { type: 'string' },
  'refresh-token-ttl': { type: 'string' },
  dpop: { type: 'string' },
  par: { type: 'string' },
  'step-up': { type: 'boolean' },
  'tls-key': { type: 'string' },
  'tls-cert': { type: 'string' },
  json: { type: 'boolean', default: false },
  quiet: { type: 'boolean', default: false },
  'exit-with-stdin': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  version: { type: 'boolean', default: false },
};

export const HELP = `Starts an OpenID provider with tenants, users and an API on this machine, for development and tests.

  npx wristband-local-provider --origin http://localhost:5173

  --origin URL             Origin of your app, repeatable. Default: http://localhost:4402
  --redirect-uri URL       Repeatable. Default: /callback of each origin
  --login-url URL          The app's login route. Default: /login of the first origin
  --logout-url URL         Repeatable. Default: / and /goodbye of each origin
  --native                 The app is a desktop app or a command-line tool: its redirect URI is on the loopback
                           address, with any port. Default of --redirect-uri: http://127.0.0.1/callback
  --client-id ID           Default: demospaclient0000000000001
  --users FILE             Tenants and users, as JSON: see the README
  --plain                  An ordinary OpenID provider, without tenants
  --issuer URL             Another issuer in tokens and documents
  --port N                 Default: 4400; 0 picks a free one
  --api-port N             Default: 4401; 0 picks a free one
  --access-token-ttl S     Lifetime in seconds. Default: 1800
  --id-token-ttl S         Default: 3600
  --refresh-token-ttl S    Default: 1209600
  --dpop MODE              off, optional or required. Default: off
  --par MODE               Pushed authorization requests: off, optional or required. Default: off
  --step-up                Logins of two levels, by acr_values
  --tls-key FILE           HTTPS with this key and certificate, in PEM
  --tls-cert FILE
  --quiet                  Do not list requests
  --json                   Print one line of JSON when ready; requests go to standard error
  --exit-with-stdin        End when standard input is closed
  --help, --version
`;

/** What the command line calls the settings of the provider. */
const CHOICES = { dpop: 'dpop', par: 'par', 'step-up': 'stepUp', native: 'native' };
const LIFETIMES = { 'access-token-ttl': 'accessTokenTtl', 'id-token-ttl': 'idTokenTtl', 'refresh-token-ttl': 'refreshTokenTtl' };

function numberOf(name, text, most) {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > most) throw new TypeError(`--${name} must be a whole number, at most ${most}.`);
  return number;
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TypeError(`${file} could not be read: ${error.code}.`);
  }
}

function directoryOf(file) {
  if (!file) return undefined;
  try {
    return JSON.parse(read(file));
  } catch (error) {
    throw error instanceof SyntaxError ? new TypeError(`${file} is not JSON: ${error.message}.`) : error;
  }
}

function tlsOf(key, cert) {
  if (!key && !cert) return undefined;
  if (!key || !cert) throw new TypeError('HTTPS needs both --tls-key and --tls-cert.');
  return { key: read(key), cert: read(cert) };
}

function settingsOf(values) {
  const given = (names) => Object.entries(names).filter(([name]) => values[name] !== undefined);
  return Object.fromEntries([
    ...given(LIFETIMES).map(([name, setting]) => [setting, numberOf(name, values[name], Number.MAX_SAFE_INTEGER)]),
    ...given(CHOICES).map(([name, setting]) => [setting, values[name]]),
  ]);
}

/**
 * The options of the program, and those of `startProvider`.
 *
 * @throws TypeError for options that are not valid.
 */
export function readOptions(args) {
  const { values } = parseArgs({ args, options: OPTIONS });
  const urls = [values.issuer, values['login-url'], ...values.origin, ...values['redirect-uri'], ...values['logout-url']];
  const bad = urls.find((url) => url !== undefined && !URL.canParse(url));
  if (bad !== undefined) throw new TypeError(`"${bad}" is not a URL.`);
  const { help, version, json, quiet, plain, issuer } = values;
  if (help || version) return { help, version };
  return {
    json,
    quiet,
    exitWithStdin: values['exit-with-stdin'],
    provider: {
      port: numberOf('port', values.port, 65_535),
      apiPort: numberOf('api-port', values['api-port'], 65_535),
      plain,
      issuer,
      appOrigins: values.origin.map((url) => new URL(url).origin),
      redirectUris: values['redirect-uri'],
      loginUrl: values['login-url'],
      logoutUrls: values['logout-url'],
      clientId: values['client-id'],
      directory: directoryOf(values.users),
      settings: settingsOf(values),
      tls: tlsOf(values['tls-key'], values['tls-cert']),
    },
  };
}
