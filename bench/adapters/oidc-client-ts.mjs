import { UserManager, WebStorageStateStore } from 'oidc-client-ts';

let manager;

export function init(config) {
  manager = new UserManager({
    authority: config.issuer,
    client_id: config.clientId,
    redirect_uri: config.redirectUri,
    post_logout_redirect_uri: config.homeUrl,
    scope: config.scope,
    automaticSilentRenew: false,
    ...(config.storage === 'local' && { userStore: new WebStorageStateStore({ store: localStorage }) }),
    ...(config.knowsMetadata && { metadata: config.metadata }),
  });
}

export const login = () => manager.signinRedirect();
export const handleCallback = () => manager.signinRedirectCallback();
export const isAuthenticated = async () => Boolean(await manager.getUser());
export const forceRefresh = () => manager.signinSilent();

export async function getAccessToken() {
  let user = await manager.getUser();
  if (!user || user.expired) user = await manager.signinSilent();
  return user?.access_token;
}
