// Wristband's logout endpoint: ends the session of one tenant host and redirects the browser.
import { fillPlaceholder } from './settings.js';
import { sendErrorPage } from './pages.js';

export function createLogout({ settings, hosts, clients, getProvider }) {
  /** The first of these: the requested URL if it is registered, the client's login URL, the application's login URL. */
  function target({ client_id: clientId, redirect_url: redirectUrl }) {
    if (typeof redirectUrl === 'string' && redirectUrl.length <= 2000 && settings.logoutUrls.includes(redirectUrl)) return redirectUrl;
    if (clientId !== undefined && clients(clientId) && settings.clientLoginUrl) return settings.clientLoginUrl;
    return settings.loginUrl;
  }

  async function endSession(ctx) {
    const provider = getProvider();
    const session = await provider.Session.get(ctx);
    ctx.state.userId = session.accountId;
    if (session.accountId) await session.destroy();
    ctx.cookies.set(provider.cookieName('session'), null);
  }

  return async (ctx) => {
    const { state } = ctx.query;
    if (state !== undefined && (typeof state !== 'string' || state.length < 1 || state.length > 512)) {
      return sendErrorPage(ctx, 400, 'invalid_request', 'The parameter state must have 1 to 512 characters.');
    }
    await endSession(ctx);
    const { tenant } = ctx.state.place;
    const url = new URL(fillPlaceholder(target(ctx.query), tenant.name));
    for (const [name, value] of Object.entries(hosts.tenantParams(tenant))) url.searchParams.set(name, value);
    if (state !== undefined) url.searchParams.set('state', state);
    ctx.set('Cache-Control', 'no-store');
    ctx.redirect(url.href);
    ctx.status = 302;
    return undefined;
  };
}
