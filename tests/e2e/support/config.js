// An app's settings for a provider and a host, and the provider's settings.

/** The strictest provider: a refresh token that is used twice ends the session, so no test misses that. */
export const STRICT = { reuseGraceSeconds: 0 };

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
