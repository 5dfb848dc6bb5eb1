// Selects the part of the provider for a request by its Host header, and builds the host names.
import { APPLICATION_NAME } from './directory.js';

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);

export function createHosts({ port, settings, plain, scheme, directory }) {
  const application = `${APPLICATION_NAME}.localhost:${port}`;

  /** The tenant vanity domain, as Wristband calls this host. */
  const vanityHost = (tenant) => `${tenant.name}${settings.customDomainActive ? '.' : '-'}${application}`;
  const customHost = (tenant) => (tenant.customDomainName ? `${tenant.customDomainName}:${port}` : undefined);
  const withoutPort = (host) => host.toLowerCase().replace(/:\d+$/, '');

  /** Compares host names only: a proxy in front may use another port. */
  function classify(hostHeader = '') {
    const name = withoutPort(hostHeader);
    if (plain) return { kind: 'plain', control: LOCAL.has(name) };
    if (LOCAL.has(name)) return { kind: 'local', control: true };
    // The tenant of a single-tenant application has no host of its own.
    if (name === withoutPort(application)) return { kind: 'application', tenant: directory.findTenant(settings.singleTenant ?? '') };
    if (settings.singleTenant) return { kind: 'unknown' };
    const tenant = directory.tenants.find((candidate) => name === withoutPort(vanityHost(candidate))
      || name === candidate.customDomainName);
    return tenant ? { kind: 'tenant', tenant } : { kind: 'unknown' };
  }

  /** The parameters with which Wristband names a tenant to the application. A single-tenant application needs none. */
  function tenantParams(tenant) {
    if (!tenant || settings.singleTenant) return {};
    return {
      ...(settings.tenantParam !== 'domain' && { tenant_name: tenant.name }),
      ...(settings.tenantParam !== 'name' && { tenant_domain: tenant.name }),
      ...(tenant.customDomainName && { tenant_custom_domain: customHost(tenant) }),
    };
  }

  return {
    application,
    applicationUrl: (path) => `${scheme}://${application}${path}`,
    classify,
    customHost,
    vanityHost,
    /** Whether a host is an active custom domain of a tenant. */
    isCustomDomain: (host) => directory.tenants.some((tenant) => customHost(tenant) === String(host).toLowerCase()),
    tenantParams,
    tenantUrl: (tenant, path) => `${scheme}://${settings.singleTenant ? application : customHost(tenant) ?? vanityHost(tenant)}${path}`,
  };
}
