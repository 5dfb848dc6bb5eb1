// The provider in both of its shapes, for what both of them have.
import { startProvider } from '../src/provider.js';
import { authorizationRequest, Browser, send, USERS } from './browser.js';

export const MODES = [{ name: 'like Wristband', plain: false }, { name: 'plain', plain: true }];

const PATHS = { authorize: 'authorize', token: 'token', userinfo: 'userinfo', par: 'par' };
const PLAIN_PATHS = { authorize: 'auth', token: 'token', userinfo: 'me', par: 'request' };

/** A running provider of one of the shapes, and an application that uses it. */
export async function startMode({ plain }) {
  const provider = await startProvider({ plain });
  const url = (name) => (plain
    ? `${provider.issuer}/${PLAIN_PATHS[name]}`
    : `http://${name === 'authorize' ? 'acme-' : ''}invotastic.localhost:${provider.port}/api/v1/oauth2/${PATHS[name]}`);
  const post = (name, form, headers = {}) => send(url(name), { method: 'POST', form: { client_id: provider.clientId, ...form }, headers });
  const newRequest = (more) => authorizationRequest(provider, { ...(plain && { scope: 'openid email offline_access', prompt: 'consent' }), ...more });

  const mode = {
    plain,
    provider,
    url,
    newRequest,
    metadata: async () => (await send(`${provider.issuer}/.well-known/openid-configuration`)).json,
    visit: (params, browser = new Browser()) => browser.visit(`${url('authorize')}?${new URLSearchParams(params)}`),
    /** Signs in with the password, and with the code if the page asks for it. */
    async submit(browser, page) {
      const [email, password] = USERS.acme;
      const next = page.location ? page : await browser.submit(page, { email, password });
      return next.location ? next : browser.submit(next, { code: '000000' });
    },
    /** Signs in. `query` replaces the parameters that the browser brings. */
    async signIn(more = {}, { browser = new Browser(), request = newRequest(more), query = request.params } = {}) {
      const page = await mode.visit(query, browser);
      const { location: callback } = await mode.submit(browser, page);
      return { ...request, browser, page, callback };
    },
    exchange: ({ callback, verifier, params }, headers, form) => post('token', {
      grant_type: 'authorization_code', code: callback.searchParams.get('code'), code_verifier: verifier, redirect_uri: params.redirect_uri, ...form,
    }, headers),
    refresh: (token, headers) => post('token', { grant_type: 'refresh_token', refresh_token: token }, headers),
    /** The tokens of a new login, bound to a key if there is one. */
    async tokens(key, more) {
      const flow = await mode.signIn(more);
      const answer = await mode.exchange(flow, key && await key.proof(url('token')));
      return { ...flow, ...answer.json };
    },
    push: (params, headers) => post('par', params, headers),
    /** Calls the API or the userinfo endpoint with a proof. */
    async call(target, key, token, options = {}) {
      const address = target === 'userinfo' ? url('userinfo') : new URL(target, provider.api).href;
      return send(address, { headers: { accept: 'application/json', ...await key.proof(address, { method: 'GET', token, ...options }) } });
    },
    /** The same without a proof. */
    callPlainly: (target, token) => send(target === 'userinfo' ? url('userinfo') : new URL(target, provider.api).href, { headers: { authorization: `Bearer ${token}` } }),
  };
  return mode;
}
