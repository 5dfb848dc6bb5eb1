// A very small browser for the tests: it keeps cookies by host, and goes to the provider whatever the host is called.
import http from 'node:http';
import https from 'node:https';
import { createHash, randomBytes } from 'node:crypto';

const secret = () => randomBytes(32).toString('base64url');

/** One request, with the answer as { status, headers, text, json }. Rejects when the connection is cut. */
export function send(url, { method = 'GET', headers = {}, form, json, body } = {}) {
  const target = new URL(url);
  const payload = form ? new URLSearchParams(form).toString() : json !== undefined ? JSON.stringify(json) : body;
  const type = form ? 'application/x-www-form-urlencoded' : json !== undefined ? 'application/json' : undefined;
  const isSecure = target.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const request = (isSecure ? https : http).request({
      // The certificate is a test's own, and is not what is tested.
      ...(isSecure && { rejectUnauthorized: false, servername: target.hostname }),
      host: '127.0.0.1', port: target.port, method, path: target.pathname + target.search, agent: false,
      headers: { host: target.host, ...(type && { 'content-type': type }), ...headers },
    }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode, headers: response.headers, text, get json() { return JSON.parse(text); } });
      });
    });
    request.on('error', reject);
    request.end(payload);
  });
}

export class Browser {
  constructor() { this.jar = new Map(); }

  cookies(url) {
    const { host, pathname } = new URL(url);
    return [...this.jar.values()].filter((cookie) => cookie.host === host && pathname.startsWith(cookie.path))
      .map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  keep(url, setCookies = []) {
    const { host } = new URL(url);
    for (const line of setCookies) {
      const [pair, ...attributes] = line.split('; ');
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/';
      const gone = value === '' || attributes.some((attribute) => /^max-age=0$/i.test(attribute)) || attributes.some((attribute) => attribute.startsWith('expires=Thu, 01 Jan 1970'));
      if (gone) this.jar.delete(`${host} ${path} ${name}`);
      else this.jar.set(`${host} ${path} ${name}`, { host, path, name, value });
    }
  }

  async open(url, options = {}) {
    const cookie = this.cookies(url);
    const answer = await send(url, { ...options, headers: { accept: 'text/html', ...options.headers, ...(cookie && { cookie }) } });
    this.keep(url, answer.headers['set-cookie']);
    answer.url = url;
    if (answer.headers.location) answer.location = new URL(answer.headers.location, url);
    return answer;
  }

  /** Follows redirects as long as they stay at the provider. */
  async visit(url, options) {
    let answer = await this.open(url, options);
    while (answer.location?.port === new URL(url).port) answer = await this.open(answer.location.href);
    return answer;
  }

  /** Fills in the login page and sends it. */
  submit(page, fields) {
    const hidden = [...page.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map(([, name, value]) => [name, value]);
    return this.visit(new URL('/login', page.url).href, { method: 'POST', form: { ...Object.fromEntries(hidden), ...fields } });
  }
}

/** The authorization request of a well-behaved application. */
export function authorizationRequest(provider, more = {}) {
  const verifier = secret();
  const params = {
    client_id: provider.clientId,
    response_type: 'code',
    redirect_uri: 'http://localhost:4402/callback',
    scope: 'openid offline_access email profile phone roles',
    state: secret(),
    nonce: secret(),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  };
  for (const name of Object.keys(params)) if (params[name] === undefined) delete params[name];
  return { verifier, params };
}

export const USERS = { acme: ['ada@acme.example', 'lovelace'], globex: ['hank@globex.example', 'scorpio'], initech: ['bill@initech.example', 'lumbergh'] };

/** Everything the tests do to one provider, by names instead of addresses. */
export function actions(provider) {
  const application = (path) => `http://invotastic.localhost:${provider.port}${path}`;
  const tenant = (name, path) => `http://${name}-invotastic.localhost:${provider.port}${path}`;
  const bearer = (token) => ({ authorization: `Bearer ${token}`, accept: 'application/json' });

  const act = {
    application,
    tenant,
    authorizeUrl: (name, params) => tenant(name, `/api/v1/oauth2/authorize?${new URLSearchParams(params)}`),
    /** Signs in and answers the parameters of the callback. */
    async signIn(browser = new Browser(), name = 'acme', more = {}) {
      const request = authorizationRequest(provider, more);
      const page = await browser.visit(act.authorizeUrl(name, request.params));
      const [email, password] = USERS[name] ?? [];
      const done = page.location ? page : await browser.submit(page, { email, password });
      return { ...request, callback: done.location, page, browser };
    },
    token: (form, options) => send(application('/api/v1/oauth2/token'), { method: 'POST', form: { client_id: provider.clientId, ...form }, ...options }),
    exchange: ({ callback, verifier, params }, more) => act.token({
      grant_type: 'authorization_code', code: callback.searchParams.get('code'), code_verifier: verifier, redirect_uri: params.redirect_uri, ...more,
    }),
    refresh: (refreshToken, more) => act.token({ grant_type: 'refresh_token', refresh_token: refreshToken, ...more }),
    async tokens(more) {
      const flow = await act.signIn(undefined, 'acme', more);
      return { ...flow, ...(await act.exchange(flow)).json };
    },
    userinfo: (token) => send(application('/api/v1/oauth2/userinfo'), { headers: bearer(token) }),
    jwks: async () => (await send(application('/api/v1/oauth2/jwks'))).json,
    api: (path, token, options) => send(new URL(path, provider.api).href, { headers: token ? bearer(token) : {}, ...options }),
    control: async (method, path, json) => (await send(`http://localhost:${provider.port}/__control/${path}`, { method, json })).json,
  };
  return act;
}
