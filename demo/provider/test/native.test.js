// The provider of a native app: redirect URIs on the loopback address, with any port.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startProvider } from '../src/provider.js';
import { authorizationRequest, Browser, send } from './browser.js';

for (const plain of [false, true]) {
  describe(`a native app, ${plain ? 'plain' : 'like Wristband'}`, () => {
    let provider;
    before(async () => { provider = await startProvider({ plain, settings: { native: true } }); });
    after(() => provider.close());

    const base = () => (plain ? provider.issuer : `http://acme-invotastic.localhost:${provider.port}/api/v1/oauth2`);
    const visit = (redirectUri, browser = new Browser()) => {
      const request = authorizationRequest(provider, { redirect_uri: redirectUri, ...(plain && { scope: 'openid offline_access', prompt: 'consent' }) });
      return browser.visit(`${base()}/${plain ? 'auth' : 'authorize'}?${new URLSearchParams(request.params)}`).then((page) => ({ ...request, page, browser }));
    };

    for (const redirectUri of ['http://127.0.0.1:49152/callback', 'http://127.0.0.1:1/callback', 'http://[::1]:65535/callback', 'http://127.0.0.1/callback']) {
      it(`signs in at ${redirectUri}`, async () => {
        const { page, browser, params, verifier } = await visit(redirectUri);
        const { location } = await browser.submit(page, { email: 'ada@acme.example', password: 'lovelace' });
        // A port that is the scheme's default is not part of the URL.
        assert.equal(location.origin + location.pathname, new URL(redirectUri).href);
        const tokens = await send(`${plain ? provider.issuer : `http://invotastic.localhost:${provider.port}/api/v1/oauth2`}/token`, {
          method: 'POST',
          form: { grant_type: 'authorization_code', code: location.searchParams.get('code'), client_id: provider.clientId, redirect_uri: params.redirect_uri, code_verifier: verifier },
        });
        assert.equal(tokens.status, 200);
      });
    }

    for (const redirectUri of ['http://127.0.0.1:49152/other', 'http://localhost:49152/callback', 'http://127.0.0.2:49152/callback', 'https://127.0.0.1:49152/callback', 'http://127.0.0.1:49152.evil.example/callback', 'http://127.0.0.1:49152/callback?x=1']) {
      it(`does not redirect to ${redirectUri}`, async () => {
        const { page } = await visit(redirectUri);
        assert.equal(page.location, undefined);
        assert.ok(page.status >= 400);
      });
    }

    it('has settings for the app', () => {
      assert.equal(provider.appSettings.redirectUri, 'http://127.0.0.1/callback');
      assert.equal(provider.appSettings.loginUrl, undefined);
    });
  });
}

describe('an app with a page', () => {
  it('gets no other port than the registered one', async () => {
    const provider = await startProvider({ redirectUris: ['http://127.0.0.1:4000/callback'] });
    const request = authorizationRequest(provider, { redirect_uri: 'http://127.0.0.1:4001/callback' });
    const page = await new Browser().visit(`http://acme-invotastic.localhost:${provider.port}/api/v1/oauth2/authorize?${new URLSearchParams(request.params)}`);
    assert.ok(page.status >= 400);
    await provider.close();
  });
});
