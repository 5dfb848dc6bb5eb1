// The login page, and the check of the password.
import { randomBytes } from 'node:crypto';
import { SignJWT, jwtVerify } from 'jose';
import { findUserByEmail, usersOf } from './directory.js';
import { sendErrorPage, sendLoginPage } from './pages.js';

const EXPIRED = 'This sign-in request has expired or is already finished. Go back to the application and sign in again.';

/** The request is in the URL as a signed token, as on Wristband's login page. */
export function createRequestTokens() {
  const secret = randomBytes(32);
  return {
    seal: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).setIssuedAt().setExpirationTime('1h').sign(secret),
    async open(token) {
      try {
        return (await jwtVerify(String(token ?? ''), secret, { algorithms: ['HS256'] })).payload;
      } catch {
        return {};
      }
    },
  };
}

export function createLogin({ requestTokens, getProvider }) {
  async function findInteraction(ctx, req) {
    const { uid } = await requestTokens.open(req);
    const interaction = uid && await getProvider().Interaction.find(uid);
    return interaction && new URL(interaction.returnTo).host === ctx.host ? interaction : undefined;
  }

  /** Signs a user in. If another user is signed in, that user's session ends first. */
  async function replaceSession(ctx, interaction, user) {
    const provider = getProvider();
    const session = await provider.Session.get(ctx);
    const sameUser = session.accountId === user.id;
    if (session.accountId && !sameUser) {
      await session.destroy();
      ctx.cookies.set(provider.cookieName('session'), null);
    }
    if (!sameUser || interaction.session?.uid !== session.uid) interaction.session = undefined;
  }

  function show(ctx, req, interaction, more) {
    const { tenant } = ctx.state.place;
    sendLoginPage(ctx, { tenant: tenant?.displayName, req, users: usersOf(tenant?.name), email: interaction.params.login_hint, ...more });
  }

  return {
    urlFor: async (_ctx, interaction) => `/login?req=${await requestTokens.seal({ uid: interaction.uid })}`,

    async handle(ctx) {
      const form = ctx.method === 'POST' ? ctx.state.form ?? {} : ctx.query;
      const interaction = await findInteraction(ctx, form.req);
      if (!interaction) return sendErrorPage(ctx, 400, 'invalid_request', EXPIRED);
      if (ctx.method !== 'POST') return show(ctx, form.req, interaction);

      const user = findUserByEmail(form.email, ctx.state.place.tenant?.name);
      if (!user || user.password !== form.password) {
        return show(ctx, form.req, interaction, { email: form.email, alert: 'The email address or the password is wrong.' });
      }
      await replaceSession(ctx, interaction, user);
      interaction.result = { login: { accountId: user.id, amr: ['pwd'], remember: true } };
      await interaction.persist();
      ctx.redirect(interaction.returnTo);
      ctx.status = 303;
      return undefined;
    },
  };
}
