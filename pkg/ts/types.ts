/// <reference lib="esnext.disposable" preserve="true" />
import type { AuthError } from "./errors.js";

/** Where the vault runs: in a worker that all tabs share, in a worker of this tab, or in the page itself. */
export type VaultKind = "shared" | "worker" | "page";

/** What every app sets, whoever its provider is. */
export interface CommonOptions {
  /** The id of the public client. */
  clientId: string;
  /** The callback, exactly as registered, of the origin that the app runs on. */
  redirectUri: string;
  /** `["openid", "offline_access", "email"]` by default. `openid` must be among them; without `offline_access` there is no renewal. */
  scopes?: readonly string[];
  /** Prefixes of the addresses that may receive the access token, such as `"https://api.example/v1/"`. None by default. */
  apis?: readonly string[];
  /** Where people end up after a logout. It has to be registered with the provider. */
  postLogoutUrl?: string;
  /** The app's login route, to which Wristband itself sends people. */
  loginUrl?: string;
  /** What happens when the tokens were lost, as by a reload where no vault outlives the page: one redirect (the default), or none. */
  restore?: "redirect" | "none";
  /** Seconds that the clocks of the device and of the provider may be apart: 60 by default, 600 at the most. */
  clockTolerance?: number;
  /** Seconds before its end that an access token is renewed: 60 by default, a quarter of its life at the most. */
  renewalMargin?: number;
  /** Seconds that a shared vault keeps the session after the last tab is gone: 30 by default, 300 at the most. */
  linger?: number;
  /** Lets the app read the access token, and with it every script in the page. `false` by default. */
  exposeAccessToken?: boolean;
  /** Allows http to this machine, for development. `false` by default. */
  allowInsecureLoopback?: boolean;
  /** Where the vault may run. `"auto"` (the default) takes the first location that is available: `"shared"`, `"worker"`, `"page"`. */
  vault?: "auto" | VaultKind;
  /** The weakest location that `"auto"` may fall back to: `"page"` by default. With `"worker"` no script of the page can ever read a token. */
  minimumVault?: VaultKind;
  /** Where `vault.js` is served, of the page's own origin. By default beside the package's own file, where bundlers find it. */
  workerUrl?: string | URL;
  /** Where `vault.wasm` is served. By default beside the package's own file, where bundlers find it. */
  wasmUrl?: string | URL;
}

/** A Wristband application. */
export interface WristbandOptions extends CommonOptions {
  /** The application vanity domain, such as `"invotastic-acme.us.wristband.dev"`. */
  applicationVanityDomain: string;
  issuer?: never;
  /** The tenant for logins that name none. */
  defaultTenantName?: string;
  /** The tenant custom domain for logins that name none. */
  defaultTenantCustomDomain?: string;
  /** The domain below which each tenant has the app on a subdomain; `redirectUri` and `loginUrl` then begin with `https://{tenant_name}.`. */
  tenantFromRootDomain?: string;
  /** Whether the application has a custom domain: tenants' domains then begin with `tenant.` instead of `tenant-`. */
  applicationCustomDomainActive?: boolean;
  /** Whether the application itself accepts authorization requests. Single-tenant applications do. */
  applicationAuthorization?: boolean;
  /** The app's own page that finds the tenant, instead of Wristband's. */
  applicationLoginPage?: string;
}

/** Any other OpenID provider. */
export interface OpenIdOptions extends CommonOptions {
  /** The issuer, from which everything else is discovered (OpenID Connect Discovery 1.0). */
  issuer: string;
  applicationVanityDomain?: never;
}

/** The settings of {@link createAuth}. They never change afterwards. */
export type AuthOptions = WristbandOptions | OpenIdOptions;

/** How somebody is to log in. */
export interface LoginOptions {
  /** The tenant to log in to. One DNS label. */
  tenantName?: string;
  /** The tenant's own domain. The application is asked whether it knows it before the browser is sent there. */
  tenantCustomDomain?: string;
  /** Fills in the provider's form, usually with an e-mail address. */
  loginHint?: string;
  /** The name of the identity provider to go to straight away. */
  idpHint?: string;
  /** Where the person returns to: a path of the app, or an address of its origin. This very page by default; anything else is dropped. */
  returnTo?: string;
  /** `"login"` has the person sign in anew; `"none"` shows no page at all. */
  prompt?: "login" | "none";
  /** How many seconds ago the person may have signed in, at the most. The ID token has to prove it. */
  maxAge?: number;
  /** Whether the Back button leads to this page; it does by default. `false` fits a page that logs people in by itself: nobody would get past it backwards. */
  keepInHistory?: boolean;
  /**
   * Whether the page starts this login without a user's action, as a guard does. At most five are started in a minute, and none after a sign-in
   * that failed: the call rejects with `login_loop`. Back does not lead to this page then, unless `keepInHistory` is `true`.
   */
  automatic?: boolean;
}

/** How somebody logs out. */
export interface LogoutOptions {
  /** Where the person ends up: a path of the app, or an address of its origin, registered with the provider. */
  returnTo?: string;
  /** Comes back with the person, as `state`. 512 characters at the most. */
  state?: string;
}

/** What every state has. */
interface BaseState {
  /** Where the vault runs, or is expected to run while it is being started. */
  readonly vault: VaultKind;
  /** Why the vault runs in no better location: what was tried, and what came of it. `null` when the best allowed location was available. */
  readonly vaultFallback: string | null;
}

/** It is not known yet whether somebody is signed in. */
export interface Loading extends BaseState {
  readonly status: "loading";
}

/** Nobody is signed in. */
export interface SignedOut extends BaseState {
  readonly status: "signed-out";
  /** `expired`: the session ended at the provider, or could not be restored. */
  readonly reason: "never-signed-in" | "signed-out" | "expired";
}

/** A sign-in came to nothing. A login can be begun. */
export interface Failed extends BaseState {
  readonly status: "failed";
  readonly error: AuthError;
}

/** Somebody is signed in. It holds no token. */
export interface SignedIn extends BaseState {
  readonly status: "signed-in";
  /** The person (`sub`). */
  readonly userId: string;
  /** The tenant, as far as the provider named it. */
  readonly tenantName: string | null;
  readonly tenantCustomDomain: string | null;
  /** The id of the tenant (`tnt_id`). */
  readonly tenantId: string | null;
  /** Who checked the person (`idp_name`). */
  readonly identityProviderName: string | null;
  /** When the person last proved who they are (`auth_time`), in milliseconds since 1970. */
  readonly authenticatedAt: number | null;
  /** The granted scopes, separated by spaces. */
  readonly scope: string;
  /** When the access token ends, in milliseconds since 1970 by this device's clock. `null` when the provider did not say. */
  readonly expiresAt: number | null;
  /** When it will be renewed. `null` when it will not be. */
  readonly renewsAt: number | null;
  /** How often it was renewed. */
  readonly renewals: number;
  /** Whether a renewal is under way. */
  readonly renewing: boolean;
  /** Why the last renewal came to nothing. It is tried again. */
  readonly trouble: AuthError | null;
  /** The claims of the ID token, which was checked. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** By how many seconds the clock of this device is behind the world's. Zero unless it was found to be wrong. */
  readonly clockSkew: number;
  /** Whether the device is offline. The session goes on. */
  readonly offline: boolean;
}

/** The four states. A new object only when something changed. */
export type AuthState = Loading | SignedOut | SignedIn | Failed;

/** A role of Wristband's. */
export interface Role {
  readonly id: string | null;
  readonly name: string;
  readonly displayName: string | null;
}

/** Who is signed in, with the names of Wristband's own SDKs. */
export interface UserInfo<CustomClaims extends object = Record<string, unknown>> {
  readonly userId: string;
  readonly tenantId: string | null;
  readonly applicationId: string | null;
  readonly identityProviderName: string | null;
  readonly fullName: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly middleName: string | null;
  readonly nickname: string | null;
  readonly displayName: string | null;
  readonly pictureUrl: string | null;
  readonly email: string | null;
  readonly emailVerified: boolean | null;
  readonly gender: string | null;
  readonly birthdate: string | null;
  readonly timeZone: string | null;
  readonly locale: string | null;
  readonly phoneNumber: string | null;
  readonly phoneNumberVerified: boolean | null;
  /** In seconds since 1970. */
  readonly updatedAt: number | null;
  readonly roles: readonly Role[];
  /** Wristband's `custom_claims`. */
  readonly customClaims: CustomClaims | null;
  /** The whole answer, with the provider's own names. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Sign-in for one app. Its functions need no `this`: they can be taken out and passed on. */
export interface Auth<CustomClaims extends object = Record<string, unknown>> {
  /** Who is signed in, if anybody is. The same object until something changes. */
  readonly state: AuthState;

  /**
   * Fulfilled when it is known whether the user is signed in. Rejects with `vault_unavailable`, `network` or `timeout` when no vault could be
   * started; the state is `failed` then.
   */
  readonly ready: Promise<void>;

  /** Calls back after every change of the state. Answers a function that ends this. */
  subscribe(listener: (state: AuthState) => void): () => void;

  /** Sends the browser to the provider. Fulfilled when it is on its way. */
  login(options?: LoginOptions): Promise<void>;

  /** Begins the login that the address asks for: the app's login route, to which Wristband itself sends people. */
  loginFromUrl(address?: string | URL): Promise<void>;

  /**
   * Like the browser's `fetch`, with the access token, for the addresses that `apis` lists. The token is added inside the vault. After a
   * 401 the token is renewed, and the request sent once more if its body can be. A redirect is refused.
   *
   * @throws AuthError `address_not_listed`, `not_signed_in`, `api_redirected`, `network`, `offline`, or what a renewal can come to.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;

  /** Asks the provider about the person. The answer is checked to be about the one who is signed in (OIDC Core §5.3.2). */
  userInfo(): Promise<UserInfo<CustomClaims>>;

  /** Renews the tokens now. The library does so by itself in good time. */
  renew(): Promise<void>;

  /** The access token, renewed if need be. Only with `exposeAccessToken`. */
  accessToken(): Promise<string>;

  /** Forgets the tokens, revokes the refresh token, and sends the browser to the provider's logout. Every tab follows. */
  logout(options?: LogoutOptions): Promise<void>;

  /** Lets go of the vault. Whoever still waits gets `disposed`. The session at the provider goes on. */
  dispose(): void;

  /** The same as {@link Auth.dispose}, for `using`. */
  [Symbol.dispose](): void;
}
