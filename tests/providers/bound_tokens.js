// An API's check of tokens that are bound to a key (DPoP), for providers whose access tokens are JWTs.
import { createProofs } from '../../demo/provider/src/proofs.js';

const clock = { now: () => Date.now() / 1000 };
const proofs = createProofs({ clock, demandsNonce: () => false, nonceTtl: () => 0 });

/** What the check of a proof needs to know of a request. */
const contextOf = ({ headers, method, url }) => ({
  get: (name) => headers[name.toLowerCase()] ?? '', host: headers.host, method, path: new URL(url, 'http://api').pathname, protocol: 'http', set() {}, state: {},
});

/** The claims of a token, whose signature is not checked: the tests do not forge tokens. */
const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

/** Checks a request with a bound token. Returns the status to answer with. */
export async function checkBound(request) {
  try {
    const [, token] = request.headers.authorization.split(' ');
    const { cnf, exp } = claimsOf(token);
    const jkt = await proofs.check(contextOf(request), token);
    return jkt === cnf.jkt && clock.now() < exp ? 200 : 401;
  } catch {
    return 401;
  }
}
