// Logins of two levels, and the API that demands the higher one (RFC 9470), in both shapes of the provider.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import { ONE_FACTOR, TWO_FACTORS } from '../src/step-up.js';
import { Browser } from './browser.js';
import { createKey } from './keys.js';
import { MODES, startMode } from './modes.js';

for (const shape of MODES) {
  describe(`step-up authentication, ${shape.name}`, () => {
    let mode;
    before(async () => { mode = await startMode(shape); });
    after(() => mode.provider.close());
    beforeEach(() => {
      mode.provider.control.reset();
      set({ stepUp: true });
    });
    const set = (settings) => mode.provider.control.patchSettings(settings);
    const essential = (acr) => JSON.stringify({ id_token: { acr: { essential: true, ...acr } } });
    /** Signs in, and answers the tokens. */
    async function login(more, browser) {
      const flow = await mode.signIn(more, { browser });
      return { ...flow, ...(await mode.exchange(flow)).json };
    }
    const levelOf = ({ id_token: idToken, access_token: accessToken }) => [decodeJwt(idToken).acr, decodeJwt(accessToken).acr];

    it('is off by default: acr_values and claims say nothing', async () => {
      set({ stepUp: false });
      const { acr_values_supported: acrValues, claims_parameter_supported: claims } = await mode.metadata();
      assert.deepEqual([acrValues, Boolean(claims)], [undefined, false]);
      for (const more of [{ acr_values: TWO_FACTORS }, { acr_values: 'urn:unknown' }, { claims: essential({ value: TWO_FACTORS }) }, { claims: '{' }]) {
        assert.deepEqual(levelOf(await login(more)), [undefined, undefined]);
      }
    });

    it('is announced', async () => {
      const { acr_values_supported: acrValues, claims_parameter_supported: claims } = await mode.metadata();
      assert.deepEqual([acrValues, claims], [['urn:example:pwd', 'urn:example:mfa'], true]);
    });

    it('says in the tokens how the user signed in, and keeps it on refresh', async () => {
      const tokens = await login();
      assert.deepEqual(levelOf(tokens), [ONE_FACTOR, ONE_FACTOR]);
      const higher = await login({ acr_values: TWO_FACTORS });
      assert.deepEqual(levelOf(higher), [TWO_FACTORS, TWO_FACTORS]);
      const { amr, auth_time: authTime } = decodeJwt(higher.id_token);
      assert.deepEqual([amr, authTime], [['pwd', 'otp'], decodeJwt(higher.access_token).auth_time]);
      const renewed = (await mode.refresh(higher.refresh_token)).json;
      assert.deepEqual(levelOf(renewed), [TWO_FACTORS, TWO_FACTORS]);
    });

    for (const [how, more] of [
      ['acr_values', { acr_values: `urn:unknown ${TWO_FACTORS} ${ONE_FACTOR}` }],
      ['essential values in claims', { claims: essential({ values: [TWO_FACTORS] }) }],
      ['an essential value in claims', { claims: essential({ value: TWO_FACTORS }) }],
    ]) {
      it(`shows the login page again for ${how}, and then not`, async () => {
        const browser = new Browser();
        assert.deepEqual(levelOf(await login({}, browser)), [ONE_FACTOR, ONE_FACTOR]);
        const silent = await mode.visit({ ...mode.newRequest(more).params, prompt: 'none' }, browser);
        assert.equal(silent.location.searchParams.get('error'), 'login_required');
        const page = await mode.visit(mode.newRequest(more).params, browser);
        assert.match(page.text, /id="password"/);
        const next = await browser.submit(page, { email: 'ada@acme.example', password: 'lovelace' });
        assert.match(next.text, /id="code"/);
        assert.ok((await browser.submit(next, { code: '000000' })).location.searchParams.get('code'));
        const again = await mode.visit({ ...mode.newRequest(more).params, prompt: 'none' }, browser);
        assert.ok(again.location.searchParams.get('code'));
      });
    }

    it('asks for no second factor if the lower level is wanted first, and for none that nobody wants', async () => {
      const browser = new Browser();
      for (const more of [{}, { acr_values: `${ONE_FACTOR} ${TWO_FACTORS}` }]) {
        assert.deepEqual(levelOf(await login(more, browser)), [ONE_FACTOR, ONE_FACTOR]);
      }
      set({ mfa: true });
      assert.deepEqual(levelOf(await login()), [TWO_FACTORS, TWO_FACTORS]);
    });

    it('refuses levels that it does not know', async () => {
      for (const more of [{ acr_values: 'urn:unknown' }, { claims: essential({ value: 'urn:unknown' }) }]) {
        const { location } = await mode.visit(mode.newRequest(more).params);
        assert.equal(location.searchParams.get('error'), 'unmet_authentication_requirements');
      }
    });

    it('has a resource that demands a recent login with two factors', async () => {
      const browser = new Browser();
      const { access_token: low } = await login({}, browser);
      const refused = await mode.callPlainly('sensitive', low);
      assert.deepEqual([refused.status, refused.json.error], [401, 'insufficient_user_authentication']);
      assert.equal(refused.headers['www-authenticate'],
        'Bearer error="insufficient_user_authentication", error_description="A login of another level is required.", acr_values="urn:example:mfa", max_age="300"');
      assert.equal((await mode.callPlainly('me', low)).status, 200);
      const { access_token: high } = await login({ acr_values: TWO_FACTORS, max_age: '300' }, browser);
      const { json } = await mode.callPlainly('sensitive', high);
      assert.deepEqual([json.acr, json.authTime], [TWO_FACTORS, decodeJwt(high).auth_time]);
      set({ clockShiftSeconds: 290 });
      assert.equal((await mode.callPlainly('sensitive', high)).status, 200);
      set({ clockShiftSeconds: 310 });
      const old = await mode.callPlainly('sensitive', high);
      assert.match(old.headers['www-authenticate'], /insufficient_user_authentication.*more recent.*acr_values="urn:example:mfa", max_age="300"$/);
      assert.equal((await mode.callPlainly('sensitive', 'x')).json.error, 'invalid_token');
      assert.match(mode.provider.control.log().find(({ path }) => path === '/v1/sensitive').problem, /^insufficient_user_authentication: /);
    });

    it('demands what the settings say', async () => {
      const { access_token: token } = await login();
      const challenge = async () => (await mode.callPlainly('sensitive', token)).headers['www-authenticate'];
      set({ sensitiveAcr: null, sensitiveMaxAge: 5, clockShiftSeconds: 10 });
      assert.match(await challenge(), /required\.", max_age="5"$/);
      set({ sensitiveAcr: 'urn:other', sensitiveMaxAge: null });
      assert.match(await challenge(), /required\.", acr_values="urn:other"$/);
      set({ sensitiveAcr: null });
      assert.equal((await mode.callPlainly('sensitive', token)).status, 200);
    });

    it('names the scheme DPoP to tokens that are bound to a key', async () => {
      set({ dpop: 'optional' });
      const key = await createKey();
      const { access_token: token } = await mode.tokens(key);
      const refused = await mode.call('sensitive', key, token);
      assert.match(refused.headers['www-authenticate'], /^DPoP error="insufficient_user_authentication", .*acr_values="urn:example:mfa", max_age="300", algs=/);
      const { access_token: high } = await mode.tokens(key, { acr_values: TWO_FACTORS });
      assert.equal((await mode.call('sensitive', key, high)).status, 200);
    });

    it('reads acr_values of a pushed request', async () => {
      set({ par: 'required' });
      const request = mode.newRequest({ acr_values: TWO_FACTORS });
      const { json } = await mode.push(request.params);
      const flow = await mode.signIn({}, { request, query: { client_id: mode.provider.clientId, request_uri: json.request_uri } });
      assert.deepEqual(levelOf((await mode.exchange(flow)).json), [TWO_FACTORS, TWO_FACTORS]);
    });
  });
}
