// Faults of every kind, signing keys and CORS.
import assert from 'node:assert/strict';
import { createHmac, createPublicKey, verify as verifySignature } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { startProvider } from '../src/provider.js';
import { actions, send } from './browser.js';

let provider;
let act;
before(async () => { provider = await startProvider(); act = actions(provider); });
after(() => provider.close());
beforeEach(() => provider.control.reset());

const refused = (answer) => {
  assert.equal(answer.status, 400);
  assert.equal(answer.json.error, 'invalid_grant');
};

describe('a fault', () => {
  const order = (fault) => act.control('POST', 'faults', fault);
  const idTokenFor = async (lie) => {
    await order({ endpoint: 'token', idToken: lie });
    return (await act.tokens()).id_token;
  };
  const genuine = async (token) => jwtVerify(token, createLocalJWKSet(await act.jwks()));

  it('answers in place of the endpoint, as often as it was ordered', async () => {
    const tokens = await act.tokens();
    await order({ endpoint: 'token', grant: 'refresh_token', times: 2, status: 429, body: { error: 'slow_down' }, headers: { 'Retry-After': '7' } });
    for (let round = 0; round < 2; round += 1) {
      const answer = await act.refresh(tokens.refresh_token);
      assert.deepEqual([answer.status, answer.json.error, answer.headers['retry-after']], [429, 'slow_down', '7']);
    }
    assert.equal((await act.refresh(tokens.refresh_token)).status, 200);
  });

  it('can be a page of HTML, or half an answer', async () => {
    await order({ endpoint: 'jwks', html: true, status: 502 });
    const page = await send(act.application('/api/v1/oauth2/jwks'));
    assert.equal(page.status, 502);
    assert.match(page.headers['content-type'], /text\/html/);
    await order({ endpoint: 'jwks', truncate: true });
    await assert.rejects(act.jwks());
  });

  it('repeats what it was sent', async () => {
    const { refresh_token: token } = await act.tokens();
    await order({ endpoint: 'token', status: 400, repeat: true });
    const answer = await act.refresh(token);
    assert.deepEqual([answer.status, answer.json.error], [400, token]);
    assert.ok(answer.json.error_description.includes(token));
  });

  it('loses a request before it is processed, or the answer after that', async () => {
    provider.control.patchSettings({ reuseGraceSeconds: 0 });
    const tokens = await act.tokens();
    await order({ endpoint: 'token', drop: 'before' });
    await assert.rejects(act.refresh(tokens.refresh_token));
    await order({ endpoint: 'token', drop: 'after' });
    await assert.rejects(act.refresh(tokens.refresh_token));
    refused(await act.refresh(tokens.refresh_token));
    assert.equal((await act.control('GET', 'log')).filter(({ fault }) => fault?.drop).length, 2);
  });

  it('breaks the signature of an ID token', async () => {
    await assert.rejects(genuine(await idTokenFor({ signature: 'broken' })), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
    await assert.rejects(genuine(await idTokenFor({ signature: 'other-key' })), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
  });

  it('leaves the signature out, or makes it with the public key', async () => {
    const none = await idTokenFor({ alg: 'none' });
    assert.equal(decodeProtectedHeader(none).alg, 'none');
    assert.ok(none.endsWith('.'));
    const confused = await idTokenFor({ alg: 'HS256' });
    assert.equal(decodeProtectedHeader(confused).alg, 'HS256');
    const { keys: [jwk] } = await act.jwks();
    const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const [header, payload, signature] = confused.split('.');
    assert.equal(createHmac('sha256', pem).update(`${header}.${payload}`).digest('base64url'), signature);
  });

  it('changes claims and keeps the signature right', async () => {
    const { payload } = await genuine(await idTokenFor({ claims: { iss: 'https://evil.example', aud: ['other'] }, remove: ['nonce'] }));
    assert.equal(payload.iss, 'https://evil.example');
    assert.deepEqual(payload.aud, ['other']);
    assert.equal(payload.nonce, undefined);
    assert.ok(payload.sub);
  });

  it('names a key that does not exist', async () => {
    const token = await idTokenFor({ kid: 'unknown' });
    assert.equal(decodeProtectedHeader(token).kid, 'unknown');
    const [header, payload, signature] = token.split('.');
    const { keys: [jwk] } = await act.jwks();
    assert.ok(verifySignature('sha256', Buffer.from(`${header}.${payload}`), createPublicKey({ key: jwk, format: 'jwk' }), Buffer.from(signature, 'base64url')));
  });

  it('signs with keys that are made for it, and publishes whatever a fault lists', async () => {
    const key = { alg: 'ES384', name: 'made' };
    await order({ endpoint: 'jwks', times: 2, jwks: ['published', { key, set: { use: 'enc' } }, { jwk: { kty: 'oct' }, set: { kid: 'x' }, remove: ['k'] }] });
    const token = await idTokenFor({ key });
    const { keys } = await act.jwks();
    assert.deepEqual(keys.map(({ kty, use }) => [kty, use]), [['RSA', 'sig'], ['EC', 'enc'], ['oct', undefined]]);
    assert.equal(decodeProtectedHeader(token).kid, keys[1].kid);
    const { payload } = await jwtVerify(token, await importJWK(keys[1], 'ES384'));
    assert.equal(Buffer.from(payload.at_hash, 'base64url').length, 24);
    await assert.rejects(genuine(await idTokenFor({ key })), { code: 'ERR_JWKS_NO_MATCHING_KEY' });
  });

  it('makes small keys, and signs by an algorithm that a key is not for', async () => {
    const key = { alg: 'RS256', name: 'small', bits: 1024 };
    await order({ endpoint: 'jwks', jwks: [{ key }] });
    assert.equal(Buffer.from((await act.jwks()).keys[0].n, 'base64url').length, 128);
    assert.equal(decodeProtectedHeader(await idTokenFor({ key, alg: 'PS256' })).alg, 'PS256');
  });

  it('puts the signer into the header, hashes the access token otherwise, and changes what was signed', async () => {
    const token = await idTokenFor({ embed: true, atHash: { function: 'sha512', bytes: 5 }, afterSigning: { sub: 'somebody-else' } });
    assert.equal(decodeProtectedHeader(token).jwk.kty, 'RSA');
    const { at_hash: hash, sub } = decodeJwt(token);
    assert.deepEqual([Buffer.from(hash, 'base64url').length, sub], [5, 'somebody-else']);
    await assert.rejects(genuine(token), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
  });

  it('writes what no JSON value can say', async () => {
    const [header, payload, signature, more] = (await idTokenFor({
      headerText: '{"alg":"none",{members}}', claimsText: '[{{members}}]', removeHeader: ['typ'], compact: '{header}.{payload}.{loosened}.x',
    })).split('.');
    assert.match(Buffer.from(header, 'base64url').toString(), /^{"alg":"none","alg":"RS256"/);
    assert.equal(JSON.parse(Buffer.from(payload, 'base64url'))[0].iss, provider.issuer);
    assert.notEqual(Buffer.from(signature, 'base64url').toString('base64url'), signature);
    assert.equal(more, 'x');
    await order({ endpoint: 'jwks', text: '{"keys":[],{members}}' });
    assert.match((await send(act.application('/api/v1/oauth2/jwks'))).text, /^{"keys":\[\],"keys":\[{/);
  });

  it('alters the answers of the token and userinfo endpoints', async () => {
    await order({ endpoint: 'token', tokenResponse: { set: { token_type: 'bearer', expires_in: '5' }, remove: ['refresh_token'] } });
    const tokens = await act.tokens();
    assert.deepEqual([tokens.token_type, tokens.expires_in, tokens.refresh_token], ['bearer', '5', undefined]);
    await order({ endpoint: 'userinfo', userInfo: { set: { sub: 'somebody-else' }, remove: ['email'] } });
    const info = (await act.userinfo(tokens.access_token)).json;
    assert.deepEqual([info.sub, info.email], ['somebody-else', undefined]);
  });

  it('changes what the authorization endpoint sends back', async () => {
    await order({ endpoint: 'authorize', redirect: { error: 'access_denied', error_description: 'No.' } });
    const denied = (await act.signIn()).page.location.searchParams;
    assert.deepEqual([denied.get('error'), denied.get('error_description'), denied.get('tenant_name')], ['access_denied', 'No.', 'acme']);
    await order({ endpoint: 'authorize', redirect: { iss: 'https://evil.example', tenant_name: 'globex' } });
    const { callback } = await act.signIn();
    assert.deepEqual([callback.searchParams.get('iss'), callback.searchParams.get('tenant_name')], ['https://evil.example', 'globex']);
    assert.equal((await act.signIn()).callback.searchParams.get('iss'), null);
    await order({ endpoint: 'authorize', redirect: { state: ['a', 'b'] } });
    assert.deepEqual((await act.signIn()).callback.searchParams.getAll('state'), ['a', 'b']);
  });

  it('is refused when it makes no sense', async () => {
    assert.match((await order({ endpoint: 'nowhere' })).error, /endpoint/);
    assert.match((await order({ endpoint: 'token', colour: 'red' })).error, /colour/);
    assert.match((await order({ endpoint: 'token', idToken: { colour: 'red' } })).error, /colour/);
  });
});

describe('keys', () => {
  it('are added, and the old ones dropped on request', async () => {
    const old = await act.tokens();
    await act.control('POST', 'rotate-keys');
    assert.equal((await act.jwks()).keys.length, 2);
    assert.equal((await act.userinfo(old.access_token)).status, 200);
    const fresh = await act.tokens();
    assert.notEqual(decodeProtectedHeader(fresh.id_token).kid, decodeProtectedHeader(old.id_token).kid);
    await act.control('POST', 'rotate-keys', { dropOld: true });
    assert.equal((await act.jwks()).keys.length, 1);
    assert.equal((await act.userinfo(old.access_token)).status, 401);
  });
});

describe('CORS', () => {
  const allowed = async (origin, options = {}) => (await send(act.application('/api/v1/oauth2/jwks'), { ...options, headers: { origin, ...options.headers } })).headers['access-control-allow-origin'];

  it('lets registered origins read, or all, or none', async () => {
    assert.equal(await allowed('http://localhost:4402'), 'http://localhost:4402');
    assert.equal(await allowed('https://evil.example'), undefined);
    provider.control.patchSettings({ cors: 'any' });
    assert.equal(await allowed('https://evil.example'), '*');
    provider.control.patchSettings({ cors: 'blocked' });
    assert.equal(await allowed('http://localhost:4402'), undefined);
  });

  it('answers preflights, keeps its headers on faults, and can be blocked by one', async () => {
    const preflight = await send(act.application('/api/v1/oauth2/userinfo'), {
      method: 'OPTIONS', headers: { origin: 'http://localhost:4402', 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
    });
    assert.deepEqual([preflight.status, preflight.headers['access-control-allow-headers']], [204, 'authorization']);
    provider.control.addFault({ endpoint: 'jwks', status: 503 });
    assert.equal(await allowed('http://localhost:4402'), 'http://localhost:4402');
    provider.control.addFault({ endpoint: 'jwks', cors: 'blocked' });
    assert.equal(await allowed('http://localhost:4402'), undefined);
  });
});
