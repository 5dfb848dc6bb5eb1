// The login page, and the check of the password.
import { randomBytes } from 'node:crypto';
import { SignJWT, jwtVerify } from 'jose';
import { asksForTwoFactors, ONE_FACTOR, TWO_FACTORS } from './step-up.js';
import { sendErrorPage, sendLoginPage, sendMagicLinkPage, sendSecondFactorPage } from './pages.js';

/** The cookie with the magic link that was just opened. */
const MAGIC = 'magic_link';

/** The cookie with the page of the application to which the link of an email leads, after it has signed the user in. */
export const LANDING = 'landing';

/** The emails whose links end at a page of the application. */
const LANDINGS = ['change-email', 'invitation', 'password-reset', 'sign-up'];

/** The code that a device of the user would show. */
const SECOND_FACTOR = '000000';

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

/** The parameters of the authorization request of an interaction. */
const paramsOf = ({ params }) => Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));

export function createLogin({ settings, directory, requestTokens, par, getProvider, authorizePath, loginRoute, changeTenantUrl }) {
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

  async function show(ctx, req, interaction, more) {
    const { tenant } = ctx.state.place;
    const changeTenant = settings.tenantChange && await changeTenantUrl?.(new URLSearchParams(paramsOf(interaction)));
    sendLoginPage(ctx, { tenant: tenant?.displayName, req, users: directory.usersOf(tenant?.name), email: interaction.params.login_hint, changeTenant, ...more });
  }

  /** The user has shown the first factor. */
  async function afterFirstFactor(ctx, req, interaction, user, amr) {
    if (!settings.mfa && !asksForTwoFactors(settings, interaction.params)) return finish(ctx, interaction, user, amr);
    const factor = await requestTokens.seal({ accountId: user.id, amr, uid: interaction.uid });
    return sendSecondFactorPage(ctx, { req, factor, code: SECOND_FACTOR });
  }

  /** Checks the second factor. */
  async function checkSecondFactor(ctx, req, interaction, { factor, code }) {
    const { accountId, amr, uid } = await requestTokens.open(factor);
    if (!accountId || uid !== interaction.uid) return sendErrorPage(ctx, 400, 'invalid_request', EXPIRED);
    if (code?.trim() !== SECOND_FACTOR) return sendSecondFactorPage(ctx, { req, factor, code: SECOND_FACTOR, alert: 'The code is wrong.' });
    return finish(ctx, interaction, directory.findUser(accountId), amr, 'otp');
  }

  async function finish(ctx, interaction, user, ...amr) {
    await replaceSession(ctx, interaction, user);
    ctx.state.userId = user.id;
    const acr = amr.length > 1 ? TWO_FACTORS : ONE_FACTOR;
    interaction.result = { login: { accountId: user.id, amr, ...(settings.stepUp && { acr }), remember: settings.persistentSession } };
    await interaction.persist();
    ctx.redirect(interaction.returnTo);
    ctx.status = 303;
  }

  /**
   * A magic link signs in the browser that opens it, which may not be the one that started the login. That browser starts the same
   * authorization request anew, and its login page is answered by the link.
   */
  async function openMagicLink(ctx, magic) {
    const { accountId, landing, params } = await requestTokens.open(magic);
    if (!accountId) return sendErrorPage(ctx, 400, 'invalid_request', EXPIRED);
    const options = { httpOnly: true, maxAge: 60_000, sameSite: 'lax', signed: false };
    ctx.cookies.set(MAGIC, magic, options);
    if (landing) ctx.cookies.set(LANDING, landing, options);
    ctx.redirect(`${authorizePath}?${par.wrap(new URLSearchParams({ ...params, prompt: 'login' }))}`);
    ctx.status = 303;
    return undefined;
  }

  /** The user whose magic link was just opened in this browser. */
  async function userOfMagicLink(ctx) {
    const { accountId } = await requestTokens.open(ctx.cookies.get(MAGIC, { signed: false }));
    ctx.cookies.set(MAGIC, null, { signed: false });
    return accountId && directory.findUser(accountId);
  }

  return {
    /**
     * The path of the link in an email: it signs the user in at the provider, and ends at a page of the application. No login of the
     * application is under way.
     */
    async landing({ kind, email, to }, { clientId, redirectUri, allows }) {
      const user = directory.findUserByEmail(email);
      if (!LANDINGS.includes(kind)) throw new TypeError(`The kind of a landing must be one of ${LANDINGS.join(', ')}.`);
      if (!user) throw new TypeError('No user has this email address.');
      if (!allows(to)) throw new TypeError('The page is not of an origin of the application.');
      const params = {
        client_id: clientId, redirect_uri: redirectUri, response_type: 'code', scope: 'openid',
        code_challenge: randomBytes(32).toString('base64url'), code_challenge_method: 'S256',
      };
      const magic = await requestTokens.seal({ accountId: user.id, landing: to, params });
      return { tenant: user.tenant, path: `/login?magic=${magic}` };
    },

    urlFor: async (_ctx, interaction) => `/login?req=${await requestTokens.seal({ uid: interaction.uid })}`,

    async handle(ctx) {
      const form = ctx.method === 'POST' ? ctx.state.form ?? {} : ctx.query;
      if (form.magic && ctx.method !== 'POST') return openMagicLink(ctx, form.magic);
      // A tenant's login page can be bookmarked: the app's login route starts an authorization request.
      if (!form.req && ctx.method !== 'POST' && loginRoute) return ctx.redirect(loginRoute(ctx.state.place.tenant));
      const interaction = await findInteraction(ctx, form.req);
      if (!interaction) return sendErrorPage(ctx, 400, 'invalid_request', EXPIRED);
      if (ctx.method !== 'POST') {
        const invited = ctx.cookies.get(MAGIC, { signed: false }) && await userOfMagicLink(ctx);
        return invited ? afterFirstFactor(ctx, form.req, interaction, invited, 'otp') : show(ctx, form.req, interaction);
      }

      if (form.factor) return checkSecondFactor(ctx, form.req, interaction, form);
      const user = directory.findUserByEmail(form.email, ctx.state.place.tenant?.name);
      if (user && form.magic) {
        const link = `/login?magic=${await requestTokens.seal({ accountId: user.id, params: paramsOf(interaction) })}`;
        return sendMagicLinkPage(ctx, { email: user.email, link });
      }
      if (!user || user.password !== form.password) {
        return show(ctx, form.req, interaction, { email: form.email, alert: 'The email address or the password is wrong.' });
      }
      return afterFirstFactor(ctx, form.req, interaction, user, 'pwd');
    },
  };
}
