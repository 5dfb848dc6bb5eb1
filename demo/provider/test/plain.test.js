// The plain start: an ordinary OpenID provider.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { startProvider } from '../src/provider.js';
import { authorizationRequest, Browser, send } from './browser.js';

let provider;
let metadata;
before(async () => {
  provider = await startProvider({ plain: true });
  metadata = (await send(`${provider.issuer}/.well-known/openid-configuration`)).json;
});
after(() => provider.close());
beforeEach(() => provider.control.reset());

async function signIn({ browser = new Browser(), ...more } = {}) {
  const request = authorizationRequest(provider, { scope: 'openid email offline_access', prompt: 'consent', ...more });
  const page = await browser.visit(`${metadata.authorization_endpoint}?${new URLSearchParams(request.params)}`);
  const done = page.location ? page : await browser.submit(page, { email: 'ada@acme.example', password: 'lovelace' });
  const callback = done.location;
  const tokens = async () => (await send(metadata.token_endpoint, {
    method: 'POST',
    form: {
      grant_type: 'authorization_code', code: callback.searchParams.get('code'), client_id: request.params.client_id,
      redirect_uri: request.params.redirect_uri, code_verifier: request.verifier,
    },
  })).json;
  return { ...request, browser, page, callback, tokens };
}

describe('an ordinary provider', () => {
  it('has a discovery document with standard endpoints', () => {
    assert.equal(metadata.issuer, provider.issuer);
    assert.equal(metadata.authorization_response_iss_parameter_supported, true);
    assert.equal(new URL(metadata.end_session_endpoint).pathname, '/session/end');
    for (const alg of ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']) assert.ok(metadata.id_token_signing_alg_values_supported.includes(alg));
    assert.ok(metadata.revocation_endpoint && metadata.userinfo_endpoint && metadata.jwks_uri);
  });

  for (const alg of ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']) {
    it(`signs in with ${alg}`, async () => {
      const clientId = `plain-${alg.toLowerCase()}`;
      const flow = await signIn({ client_id: clientId });
      assert.equal(flow.callback.searchParams.get('iss'), provider.issuer);
      assert.equal(flow.callback.searchParams.get('tenant_name'), null);
      const tokens = await flow.tokens();
      const keys = createLocalJWKSet((await send(metadata.jwks_uri)).json);
      const { payload, protectedHeader } = await jwtVerify(tokens.id_token, keys, { issuer: provider.issuer, audience: clientId });
      assert.equal(protectedHeader.alg, alg);
      assert.equal(payload.nonce, flow.params.nonce);
      assert.ok(payload.at_hash && tokens.refresh_token && tokens.scope);
      const info = await send(metadata.userinfo_endpoint, { headers: { authorization: `Bearer ${tokens.access_token}` } });
      assert.equal(info.json.email, 'ada@acme.example');
      assert.equal(info.json.tnt_id, undefined);
      assert.equal((await send(new URL('me', provider.api).href, { headers: { authorization: `Bearer ${tokens.access_token}` } })).status, 200);
    });
  }

  it('logs out with the client ID alone, without a click', async () => {
    const { browser } = await signIn();
    const query = new URLSearchParams({ client_id: provider.clientId, post_logout_redirect_uri: 'http://localhost:4402/goodbye', state: 's' });
    for (const who of [browser, new Browser()]) {
      const { location } = await who.open(`${metadata.end_session_endpoint}?${query}`);
      assert.equal(location.href, 'http://localhost:4402/goodbye?state=s');
    }
    assert.match((await browser.visit(`${metadata.end_session_endpoint}?client_id=${provider.clientId}`)).text, /Signed out/);
    const { callback } = await signIn({ browser, prompt: 'none' });
    assert.equal(callback.searchParams.get('error'), 'login_required');
    assert.equal(callback.searchParams.get('iss'), provider.issuer);
  });

  it('logs out with an ID token of a key that came later, and refuses other targets', async () => {
    await provider.control.rotateKeys({ dropOld: true });
    const flow = await signIn();
    const { id_token: hint } = await flow.tokens();
    const logout = (target) => flow.browser.open(`${metadata.end_session_endpoint}?${new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: target })}`);
    assert.equal((await logout('https://evil.example/')).status, 400);
    assert.equal((await logout('http://localhost:4402/')).location.href, 'http://localhost:4402/');
  });

  it('can keep quiet about itself, and lie', async () => {
    provider.control.addFault({ endpoint: 'authorize', redirect: { iss: 'https://evil.example' } });
    assert.equal((await signIn()).callback.searchParams.get('iss'), 'https://evil.example');
    provider.control.addFault({ endpoint: 'authorize', redirect: { error: 'access_denied' } });
    assert.equal((await signIn()).callback.searchParams.get('error'), 'access_denied');
    provider.control.addFault({ endpoint: 'discovery', metadata: { set: { issuer: 'https://evil.example' }, remove: ['jwks_uri'] } });
    const { issuer, jwks_uri: jwksUri } = (await send(`${provider.issuer}/.well-known/openid-configuration`)).json;
    assert.deepEqual([issuer, jwksUri], ['https://evil.example', undefined]);
    provider.control.patchSettings({ advertiseIss: false });
    assert.equal((await signIn()).callback.searchParams.get('iss'), null);
    const document = (await send(`${provider.issuer}/.well-known/openid-configuration`)).json;
    assert.equal(document.authorization_response_iss_parameter_supported, undefined);
  });
});
