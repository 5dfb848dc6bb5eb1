// An app's settings for a provider and a host.

export function configOf({ provider, site, plain }) {
  const who = plain
    ? { issuer: provider.issuer, scopes: ['openid', 'offline_access', 'profile', 'email'] }
    : {
      applicationVanityDomain: provider.applicationVanityDomain,
      loginUrl: site.url('login'),
      scopes: ['openid', 'offline_access', 'profile', 'email', 'phone', 'roles'],
    };
  return {
    ...who,
    clientId: provider.clientId,
    redirectUri: site.url('callback'),
    postLogoutUrl: site.url(),
    apis: [provider.api],
    allowInsecureLoopback: true,
    apiUrl: `${provider.api}me`,
  };
}
