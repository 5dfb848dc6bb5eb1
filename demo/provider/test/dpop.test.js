// Tokens that are bound to a key of the application (DPoP), in both shapes of the provider and at its API.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { decodeJwt, SignJWT } from 'jose';
import { hashOf } from '../src/proofs.js';
import { Browser, send } from './browser.js';
import { createKey } from './keys.js';
import { MODES, startMode } from './modes.js';

const ORIGIN = 'http://localhost:4402';
const errorOf = ({ status, json }) => [status, json.error];

for (const shape of MODES) {
  describe(`DPoP, ${shape.name}`, () => {
    let mode;
    let key;
    let other;
    before(async () => {
      mode = await startMode(shape);
      [key, other] = [await createKey(), await createKey()];
    });
    after(() => mode.provider.close());
    beforeEach(() => {
      mode.provider.control.reset();
      set({ dpop: 'optional', userinfoErrorShape: 'oauth' });
    });
    const set = (settings) => mode.provider.control.patchSettings(settings);
    const order = (fault) => mode.provider.control.addFault(fault);

    it('is off by default: proofs are ignored, and nothing is announced', async () => {
      set({ dpop: 'off' });
      const tokens = await mode.tokens(key, { dpop_jkt: other.jkt });
      assert.equal(tokens.token_type, 'Bearer');
      assert.equal(decodeJwt(tokens.access_token).cnf, undefined);
      assert.equal((await mode.callPlainly('me', tokens.access_token)).status, 200);
      assert.equal((await mode.refresh(tokens.refresh_token)).status, 200);
      assert.equal((await mode.metadata()).dpop_signing_alg_values_supported, undefined);
      assert.deepEqual(errorOf(await mode.call('me', key, tokens.access_token)), [401, 'invalid_token']);
      const { headers } = await mode.callPlainly('userinfo', 'x');
      assert.doesNotMatch(headers['www-authenticate'], /DPoP/);
    });

    it('is announced, with ES256 first', async () => {
      assert.deepEqual((await mode.metadata()).dpop_signing_alg_values_supported, ['ES256', 'Ed25519', 'EdDSA']);
    });

    for (const alg of ['ES256', 'Ed25519', 'EdDSA']) {
      it(`binds the tokens to a key of ${alg}`, async () => {
        const keyOfAlg = await createKey(alg);
        const tokens = await mode.tokens(keyOfAlg);
        assert.equal(tokens.token_type, 'DPoP');
        assert.deepEqual(decodeJwt(tokens.access_token).cnf, { jkt: keyOfAlg.jkt });
        for (const target of ['me', 'userinfo']) assert.equal((await mode.call(target, keyOfAlg, tokens.access_token)).json.email, 'ada@acme.example');
      });
    }

    it('binds refresh tokens as well, for the whole family', async () => {
      const first = await mode.tokens(key);
      const second = (await mode.refresh(first.refresh_token, await key.proof(mode.url('token')))).json;
      assert.deepEqual([second.token_type, decodeJwt(second.access_token).cnf.jkt], ['DPoP', key.jkt]);
      for (const headers of [{}, await other.proof(mode.url('token'))]) {
        assert.deepEqual(errorOf(await mode.refresh(second.refresh_token, headers)), [400, 'invalid_grant']);
        assert.match(mode.provider.control.log().at(-1).problem, /jkt/);
      }
      assert.equal((await mode.refresh(second.refresh_token, await key.proof(mode.url('token')))).status, 200);
    });

    it('gives bearer tokens to those who send no proof, unless it is required', async () => {
      assert.equal((await mode.tokens()).token_type, 'Bearer');
      set({ dpop: 'required' });
      const flow = await mode.signIn();
      assert.deepEqual(errorOf(await mode.exchange(flow)), [400, 'invalid_dpop_proof']);
      const { json } = await mode.exchange(flow, await key.proof(mode.url('token')));
      assert.equal(json.token_type, 'DPoP', 'the code is still good');
      assert.deepEqual(errorOf(await mode.refresh(json.refresh_token)), [400, 'invalid_dpop_proof']);
    });

    it('binds a code to the key that the authorization request names', async () => {
      for (const headers of [{}, await other.proof(mode.url('token'))]) {
        assert.deepEqual(errorOf(await mode.exchange(await mode.signIn({ dpop_jkt: key.jkt }), headers)), [400, 'invalid_grant']);
      }
      assert.equal((await mode.tokens(key, { dpop_jkt: key.jkt })).token_type, 'DPoP');
    });

    it('keeps the key of an authorization request that goes on by a magic link', async () => {
      const browser = new Browser();
      const request = mode.newRequest({ dpop_jkt: key.jkt });
      const page = await mode.visit(request.params, browser);
      const sent = await browser.submit(page, { email: 'ada@acme.example', magic: 'send' });
      const { location: callback } = await browser.visit(new URL(sent.text.match(/href="([^"]*magic=[^"]*)"/)[1].replaceAll('&amp;', '&'), page.url).href);
      assert.equal((await mode.exchange({ ...request, callback }, await key.proof(mode.url('token')))).status, 200);
    });

    it('takes a bound token with its scheme, its proof and its key only', async () => {
      const { access_token: token } = await mode.tokens(key);
      const { access_token: bearer } = await mode.tokens();
      for (const target of ['me', 'userinfo']) {
        const address = target === 'me' ? new URL('me', mode.provider.api).href : mode.url('userinfo');
        const asBearer = await mode.callPlainly(target, token);
        const withOtherKey = await mode.call(target, other, token);
        for (const answer of [asBearer, withOtherKey]) {
          assert.deepEqual(errorOf(answer), [401, 'invalid_token']);
          assert.match(answer.headers['www-authenticate'], /^DPoP .*error="invalid_token".*algs="ES256 Ed25519 EdDSA"/);
        }
        const bearerAsBound = await mode.call(target, key, bearer);
        assert.deepEqual(errorOf(bearerAsBound), [401, 'invalid_token']);
        assert.match(bearerAsBound.headers['www-authenticate'], /^DPoP /);
        assert.equal((await mode.callPlainly(target, bearer)).status, 200);
        const withoutProof = await send(address, { headers: { authorization: `DPoP ${token}` } });
        assert.deepEqual(errorOf(withoutProof), target === 'me' ? [401, 'invalid_dpop_proof'] : [400, 'invalid_request']);
        const asBearerWithProof = await send(address, { headers: { ...await key.proof(address, { method: 'GET', token }), authorization: `Bearer ${token}` } });
        assert.deepEqual(errorOf(asBearerWithProof), target === 'me' ? [401, 'invalid_token'] : [400, 'invalid_request']);
      }
      assert.match(mode.provider.control.log().find(({ endpoint, status }) => endpoint === 'api' && status === 401).problem, /bound to a key/);
    });

    const BAD = [
      ['another method', { claims: { htm: 'PUT' } }, /htm/],
      ['another URL', { claims: { htu: 'https://evil.example/' } }, /htu/],
      ['no URL', { claims: { htu: undefined } }, /htu/],
      ['no time', { claims: { iat: undefined } }, /iat/],
      ['an old time', { claims: { iat: Math.floor(Date.now() / 1000) - 90 } }, /iat/],
      ['a time in the future', { claims: { iat: Math.floor(Date.now() / 1000) + 90 } }, /iat/],
      ['milliseconds', { claims: { iat: Date.now() } }, /iat/],
      ['no jti', { claims: { jti: undefined } }, /jti/],
      ['a number as its jti', { claims: { jti: 7 } }, /jti/],
      ['another type', { header: { typ: 'JWT' } }, /typ/],
      ['no key', { header: { jwk: undefined } }, /jwk/],
    ];
    for (const [what, options, reason] of BAD) {
      it(`refuses a proof with ${what}, everywhere`, async () => {
        const { access_token: token, refresh_token: refreshToken } = await mode.tokens(key);
        const answers = [
          await mode.refresh(refreshToken, await key.proof(mode.url('token'), options)),
          await mode.call('userinfo', key, token, options),
          await mode.call('me', key, token, options),
        ];
        assert.deepEqual(answers.map(errorOf), [[400, 'invalid_dpop_proof'], [401, 'invalid_dpop_proof'], [401, 'invalid_dpop_proof']]);
        for (const { json, headers, status } of answers) {
          assert.match(json.error_description, reason);
          if (status === 401) assert.match(headers['www-authenticate'], /^DPoP error="invalid_dpop_proof", error_description="/);
        }
        for (const { problem } of mode.provider.control.log().slice(-3)) assert.match(problem, reason);
      });
    }

    it('refuses a proof that another key signed, that has the private key, that is of a shared secret, or that is none', async () => {
      const { access_token: token } = await mode.tokens(key);
      const claims = { jti: 'x', htm: 'GET', htu: new URL('me', mode.provider.api).href, iat: Math.floor(Date.now() / 1000) };
      const secret = new Uint8Array(32);
      const symmetric = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'dpop+jwt', jwk: { kty: 'oct', k: 'AAAA' } }).sign(secret);
      const proofs = [
        (await key.proof(claims.htu, { method: 'GET', token, header: { jwk: other.jwk } })).dpop,
        (await key.proof(claims.htu, { method: 'GET', token, header: { jwk: key.secretJwk } })).dpop,
        symmetric,
        'x',
        `${(await key.proof(claims.htu, { method: 'GET', token })).dpop}, ${(await key.proof(claims.htu, { method: 'GET', token })).dpop}`,
      ];
      for (const dpop of proofs) {
        const answer = await send(claims.htu, { headers: { dpop, authorization: `DPoP ${token}` } });
        assert.deepEqual(errorOf(answer), [401, 'invalid_dpop_proof']);
      }
    });

    it('takes a URL with a query and without, and the proof of one access token only', async () => {
      const { access_token: token } = await mode.tokens(key);
      const { access_token: second } = await mode.tokens(key);
      const address = new URL('me?a=b', mode.provider.api).href;
      for (const htu of [address.split('?')[0], `${address}#c`]) {
        assert.equal((await send(address, { headers: await key.proof(address, { method: 'GET', token, claims: { htu } }) })).status, 200);
      }
      for (const target of ['me', 'userinfo']) {
        for (const ath of [undefined, 'x', hashOf(second)]) {
          assert.match((await mode.call(target, key, token, { claims: { ath } })).json.error_description, /ath/);
        }
      }
    });

    it('takes a proof once, and at one server', async () => {
      const { access_token: token, refresh_token: refreshToken } = await mode.tokens(key);
      const jti = 'the-same';
      assert.equal((await mode.call('me', key, token, { claims: { jti } })).status, 200);
      assert.match((await mode.call('me', key, token, { claims: { jti } })).json.error_description, /used before/);
      const proof = await key.proof(mode.url('token'));
      const { json } = await mode.refresh(refreshToken, proof);
      assert.match((await mode.refresh(json.refresh_token, proof)).json.error_description, /used before/);
    });

    it('reads the clock of the provider', async () => {
      const { refresh_token: refreshToken } = await mode.tokens(key);
      set({ clockShiftSeconds: 120 });
      assert.match((await mode.refresh(refreshToken, await key.proof(mode.url('token')))).json.error_description, /iat .* 12[01] s behind/);
      const iat = Math.floor(Date.now() / 1000) + 120;
      assert.equal((await mode.refresh(refreshToken, await key.proof(mode.url('token'), { claims: { iat } }))).status, 200);
    });

    describe('with nonces of the provider', () => {
      beforeEach(() => set({ dpopNonce: true }));
      const renew = async (token, nonce, options) => mode.refresh(token, await key.proof(mode.url('token'), { nonce, ...options }));

      it('demands one, gives a new one with each response, and takes the earlier ones for a while', async () => {
        const flow = await mode.signIn();
        const refused = await mode.exchange(flow, await key.proof(mode.url('token')));
        assert.deepEqual(errorOf(refused), [400, 'use_dpop_nonce']);
        const first = refused.headers['dpop-nonce'];
        const { json, headers } = await mode.exchange(flow, await key.proof(mode.url('token'), { nonce: first }));
        assert.equal(json.token_type, 'DPoP', 'the code is still good');
        const second = headers['dpop-nonce'];
        assert.ok(first && second && first !== second);
        for (const nonce of [first, second]) {
          const answer = await renew(json.refresh_token, nonce);
          assert.equal(answer.status, 200);
          json.refresh_token = answer.json.refresh_token;
        }
        assert.deepEqual(errorOf(await renew(json.refresh_token, 'invented')), [400, 'use_dpop_nonce']);
      });

      it('forgets them after their time, and when a test says so', async () => {
        const nonceOf = async () => (await renew('x', undefined)).headers['dpop-nonce'];
        const late = await nonceOf();
        set({ clockShiftSeconds: 55 });
        assert.equal((await renew('x', late)).json.error, 'invalid_grant');
        set({ clockShiftSeconds: 65 });
        assert.equal((await renew('x', late)).json.error, 'use_dpop_nonce');
        const rotated = await nonceOf();
        assert.equal((await renew('x', rotated)).json.error, 'invalid_grant');
        await send(`http://localhost:${mode.provider.port}/__control/rotate-dpop-nonces`, { method: 'POST' });
        assert.equal((await renew('x', rotated)).json.error, 'use_dpop_nonce');
      });

      it('does not read the time of a proof that has one', async () => {
        const { headers } = await renew('x', undefined);
        assert.equal((await renew('x', headers['dpop-nonce'], { claims: { iat: 1 } })).json.error, 'invalid_grant');
      });

      it('demands one at the userinfo endpoint', async () => {
        set({ dpopNonce: false });
        const { access_token: token } = await mode.tokens(key);
        set({ dpopNonce: true });
        const refused = await mode.call('userinfo', key, token);
        assert.deepEqual(errorOf(refused), [401, 'use_dpop_nonce']);
        assert.match(refused.headers['www-authenticate'], /^DPoP error="use_dpop_nonce"/);
        assert.equal((await mode.call('userinfo', key, token, { nonce: refused.headers['dpop-nonce'] })).status, 200);
        assert.equal((await mode.call('me', key, token)).status, 200, 'but not at the API');
      });
    });

    it('demands nonces at the API, which are not those of the provider', async () => {
      set({ apiDpopNonce: true });
      const tokens = await mode.tokens(key);
      const refused = await mode.call('me', key, tokens.access_token);
      assert.deepEqual(errorOf(refused), [401, 'use_dpop_nonce']);
      assert.match(refused.headers['www-authenticate'], /^DPoP error="use_dpop_nonce"/);
      const nonce = refused.headers['dpop-nonce'];
      const served = await mode.call('me', key, tokens.access_token, { nonce });
      assert.equal(served.status, 200);
      assert.notEqual(served.headers['dpop-nonce'], nonce);
      set({ dpopNonce: true });
      const atProvider = await mode.refresh(tokens.refresh_token, await key.proof(mode.url('token'), { nonce: served.headers['dpop-nonce'] }));
      assert.equal(atProvider.json.error, 'use_dpop_nonce');
      const atApi = await mode.call('me', key, tokens.access_token, { nonce: atProvider.headers['dpop-nonce'] });
      assert.equal(atApi.json.error, 'use_dpop_nonce');
    });

    it('lets pages send proofs, and read the nonce and the challenge', async () => {
      const addresses = [mode.url('token'), mode.url('userinfo'), new URL('me', mode.provider.api).href];
      for (const address of addresses) {
        const method = address === addresses[0] ? 'POST' : 'GET';
        const preflight = await send(address, { method: 'OPTIONS', headers: { origin: ORIGIN, 'access-control-request-method': method, 'access-control-request-headers': 'authorization,dpop' } });
        assert.match(preflight.headers['access-control-allow-headers'], /dpop/);
        const { headers } = await send(address, { method, headers: { origin: ORIGIN, ...await key.proof(address, { method, token: 'x' }) } });
        assert.equal(headers['access-control-expose-headers'], 'WWW-Authenticate, DPoP-Nonce');
      }
      const { headers } = await send(addresses[0], { method: 'POST', headers: { origin: 'https://evil.example' } });
      assert.equal(headers['access-control-expose-headers'], undefined);
    });

    it('records what a proof says, and not the proof', async () => {
      const { access_token: token } = await mode.tokens(key);
      await mode.call('me', key, token, { nonce: 'n', claims: { jti: 'j' } });
      await mode.callPlainly('me', token);
      await send(mode.url('token'), { method: 'POST', headers: { dpop: 'x.y' } });
      const [ofToken, ofCall, without, broken] = mode.provider.control.log().filter(({ endpoint }) => ['token', 'api'].includes(endpoint));
      assert.deepEqual(ofToken.dpop.header, { alg: 'ES256', typ: 'dpop+jwt', jwk: key.jwk });
      assert.deepEqual(Object.keys(ofToken.dpop.claims).sort(), ['htm', 'htu', 'iat', 'jti']);
      const { jti, htu, nonce, ath } = ofCall.dpop.claims;
      assert.deepEqual([jti, htu, nonce, ath.length], ['j', new URL('me', mode.provider.api).href, 'n', 43]);
      assert.equal(without.dpop, undefined);
      assert.deepEqual(broken.dpop, { header: null, claims: null });
      const [, signature] = (await key.proof(mode.url('token'))).dpop.split('.').slice(1);
      assert.ok(!JSON.stringify(ofToken.dpop).includes(signature));
      assert.deepEqual(Object.keys(ofToken.dpop), ['header', 'claims']);
    });

    describe('under a fault', () => {
      it('says that a bound token is a bearer token', async () => {
        order({ endpoint: 'token', tokenResponse: { set: { token_type: 'Bearer' } } });
        const tokens = await mode.tokens(key);
        assert.deepEqual([tokens.token_type, decodeJwt(tokens.access_token).cnf.jkt], ['Bearer', key.jkt]);
      });

      it('demands a nonce forever, and another one each time', async () => {
        order({ endpoint: 'token', times: 100, dpopNonce: { demand: true } });
        const seen = new Set();
        let nonce;
        for (let round = 0; round < 4; round += 1) {
          const answer = await mode.refresh('x', await key.proof(mode.url('token'), { nonce }));
          assert.deepEqual(errorOf(answer), [400, 'use_dpop_nonce']);
          nonce = answer.headers['dpop-nonce'];
          seen.add(nonce);
        }
        assert.equal(seen.size, 4);
        mode.provider.control.clearFaults();
        assert.equal((await mode.refresh('x', await key.proof(mode.url('token'), { nonce }))).json.error, 'invalid_grant');
      });

      it('demands a nonce and sends none, or one that is not valid', async () => {
        const { access_token: token } = await mode.tokens(key);
        for (const target of ['me', 'userinfo']) {
          const endpoint = target === 'me' ? 'api' : 'userinfo';
          order({ endpoint, dpopNonce: { demand: true, value: null } });
          const answer = await mode.call(target, key, token);
          assert.deepEqual([...errorOf(answer), answer.headers['dpop-nonce']], [401, 'use_dpop_nonce', undefined]);
          order({ endpoint, dpopNonce: { demand: true, value: 'bad' } });
          assert.equal((await mode.call(target, key, token)).headers['dpop-nonce'], 'bad');
        }
      });

      it('sends a nonce that nobody has asked for', async () => {
        const { access_token: token } = await mode.tokens(key);
        order({ endpoint: 'api', times: 2, dpopNonce: {} });
        const nonces = [await mode.call('me', key, token), await mode.call('me', key, token)].map(({ headers }) => headers['dpop-nonce']);
        assert.ok(nonces[0] && nonces[1] && nonces[0] !== nonces[1]);
        assert.equal((await mode.call('me', key, token)).headers['dpop-nonce'], undefined);
      });

      it('is refused where there are no proofs', () => {
        assert.throws(() => order({ endpoint: 'jwks', dpopNonce: {} }), /dpopNonce/);
        assert.throws(() => order({ endpoint: 'token', dpopNonce: { colour: 'red' } }), /dpopNonce/);
        assert.throws(() => order({ endpoint: 'token', dpopNonce: 'x' }), /dpopNonce/);
      });
    });
  });
}
