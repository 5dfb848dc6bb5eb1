// Refresh tokens in Wristband's form: JWTs that only the provider itself can verify. The library's own tokens are inside.
import { randomBytes } from 'node:crypto';
import { CompactSign, compactVerify } from 'jose';
import { replaceForm } from './body.js';

const HEADER = { alg: 'HS256', typ: 'rt+JWT' };

export function createRefreshTokens() {
  const secret = randomBytes(32);
  const kid = randomBytes(9).toString('base64url');

  /** The same claims give the same JWT: a refresh token that is not rotated stays as it is. */
  const seal = (token, claims) => new CompactSign(Buffer.from(JSON.stringify({ ...claims, jti: token })))
    .setProtectedHeader({ ...HEADER, kid })
    .sign(secret);

  async function open(token) {
    try {
      const { payload } = await compactVerify(String(token), secret, { algorithms: [HEADER.alg] });
      return JSON.parse(Buffer.from(payload).toString()).jti;
    } catch {
      return undefined;
    }
  }

  /** Replaces the JWT in this member of the form by the library's token, before the library reads the form. */
  async function unwrap(ctx, member) {
    const token = ctx.state.form?.[member];
    if (token !== undefined) replaceForm(ctx.req, { ...ctx.state.form, [member]: await open(token) ?? 'unknown' });
  }

  return { seal, unwrap };
}
