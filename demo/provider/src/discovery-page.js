// The application's own login page: it finds the user's tenant, and redirects the user there.
import { fillPlaceholder } from './settings.js';
import { sendDiscoveryPage, sendErrorPage } from './pages.js';

export function createDiscoveryPage({ settings, hosts, clients, requestTokens, par, directory }) {
  const fieldsOf = ({ client_id, state, req }) => ({ client_id, state, req });

  function find(form) {
    if (form.tenant_name?.trim()) return directory.findTenant(form.tenant_name);
    const user = directory.findUserByEmail(form.email);
    return user && directory.findTenant(user.tenant);
  }

  /** The application's login URL, where the application starts the authorization request. */
  function loginUrl(form, tenant) {
    const url = new URL(fillPlaceholder(settings.clientLoginUrl ?? settings.loginUrl, tenant.name));
    for (const [name, value] of Object.entries(hosts.tenantParams(tenant))) url.searchParams.set(name, value);
    if (form.email?.trim()) url.searchParams.set('login_hint', form.email.trim());
    if (form.state) url.searchParams.set('state', form.state);
    return url.href;
  }

  /** The tenant's authorization URL, with the parameters of the request to the application. */
  function authorizeUrl(query, form, tenant) {
    const params = new URLSearchParams(query);
    if (form.email?.trim()) params.set('login_hint', form.email.trim());
    return hosts.tenantUrl(tenant, `/api/v1/oauth2/authorize?${par.wrap(params)}`);
  }

  /**
   * The application's own login page, with the parameters of this one. It continues as the form of this page does: it posts the tenant's name
   * or the email address, with the parameters that it has received, to the application's `/login`.
   */
  function customPage(path) {
    if (!settings.customApplicationLoginPageUrl) return undefined;
    const url = new URL(settings.customApplicationLoginPageUrl);
    for (const [name, value] of new URL(path, url).searchParams) url.searchParams.set(name, value);
    return url.href;
  }

  return {
    /** The application's login URL for a tenant. */
    loginRoute: (tenant) => loginUrl({}, tenant),

    /** This page's path for an authorization request, which is in it as a token: the request goes on at the tenant that the user selects. */
    async pathFor(params) {
      const req = await requestTokens.seal({ authorize: String(params) });
      return `/login?${new URLSearchParams({ client_id: params.get('client_id'), req })}`;
    },

    /** Redirects an application-level authorization request to this page, or to the application's own. */
    async begin(ctx) {
      const path = await this.pathFor(new URLSearchParams(ctx.querystring));
      ctx.redirect(customPage(path) ?? path);
      ctx.status = 302;
    },

    async handle(ctx) {
      const form = ctx.method === 'POST' ? ctx.state.form ?? {} : ctx.query;
      if (form.client_id && !clients(form.client_id)) {
        return sendErrorPage(ctx, 400, 'invalid_client', 'The client ID of this request is unknown.');
      }
      const { authorize } = form.req ? await requestTokens.open(form.req) : {};
      if (form.req && !authorize) return sendErrorPage(ctx, 400, 'invalid_request', 'This sign-in request has expired. Go back to the application and sign in again.');
      const page = { fields: fieldsOf(form), tenants: directory.tenants, tenantName: form.tenant_name, email: form.email ?? form.login_hint };
      if (ctx.method !== 'POST') {
        const elsewhere = customPage(ctx.url);
        return elsewhere ? ctx.redirect(elsewhere) : sendDiscoveryPage(ctx, page);
      }

      const tenant = find(form);
      if (!tenant) return sendDiscoveryPage(ctx, { ...page, alert: 'No tenant has this name, and no user has this email address.' });
      ctx.redirect(authorize ? authorizeUrl(authorize, form, tenant) : loginUrl(form, tenant));
      ctx.status = 302;
      return undefined;
    },
  };
}
