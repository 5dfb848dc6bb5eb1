/// <reference lib="esnext.disposable" preserve="true" />
import type { AuthError } from "./errors.js";

/** Where the vault runs: in a `SharedWorker` of all tabs, in a dedicated worker of this tab, or in the page itself. */
export type VaultKind = "shared" | "worker" | "page";

/** Parameters of a request: strings, or lists for parameters that occur several times. */
export type RequestParams = Readonly<Record<string, string | readonly string[]>>;

/** An API with an access token of its own, which the refresh token obtains when the API is first called. */
export interface ApiOptions {
  /** The URL prefix. */
  prefix: string;
  /** The API that the token is for (`resource`, RFC 8707 §2.2). */
  resource?: string;
  /** The API that the token is for, as some providers name it (`audience`). */
  audience?: string;
  /** The scopes of the token, separated by spaces (RFC 6749 §6). */
  scope?: string;
}

/** When a session ends that nobody uses. Activity in any tab counts, and sleep counts as idle. */
export interface IdleLogout {
  /** After how many seconds without a key, a click, a movement of the pointer or a scroll: 1 second to 7 days. */
  after: number;
  /**
   * How many seconds before the end {@link SignedIn.idleLogoutAt} says when it will be, so that the app can offer to stay. From then on, only
   * {@link Auth.stay} keeps the session. Default: 0, no warning.
   */
  warn?: number;
}

/** The options for every provider. */
export interface CommonOptions {
  /** The `client_id` of a public client (RFC 6749 §2.1). */
  clientId: string;
  /** The callback URL, exactly as registered with the provider, on the app's own origin. */
  redirectUri: string;
  /**
   * Default: `["openid", "offline_access", "email"]`. `openid` is required. Tokens can be renewed if the provider gives a refresh token, for which
   * many need `offline_access`; it is left out for a provider whose metadata lists other scopes only.
   */
  scopes?: readonly string[];
  /** URL prefixes that may receive the access token, such as `"https://api.example/v1/"`, or APIs with a token of their own. Default: none. */
  apis?: readonly (string | ApiOptions)[];
  /** The API that the access token is for, as some providers need it (`audience`). */
  audience?: string;
  /** The APIs that the access token is for (`resource`, RFC 8707 §2). */
  resource?: string | readonly string[];
  /** Further parameters of every authorization request, also of one that restores a session. What the library sends itself is refused. */
  authorizationParams?: RequestParams;
  /** Further parameters of every token request. What the library sends itself is refused. */
  tokenParams?: RequestParams;
  /** The URL to which the provider redirects the user after a logout. It must be registered with the provider. */
  postLogoutUrl?: string;
  /** The app's login route: the URL to which Wristband redirects users so that the app starts a login. */
  loginUrl?: string;
  /** What to do if the tokens were lost, for example by a reload that ended the vault: one redirect (the default), or none. */
  restore?: "redirect" | "none";
  /** Allowed difference between the clocks of the device and of the provider, in seconds. Default: 60. Maximum: 600. */
  clockTolerance?: number;
  /** How many seconds before it expires an access token is renewed. Default: 60, but at most a quarter of its lifetime. */
  renewalMargin?: number;
  /** How many seconds a shared vault keeps the session after the last tab has closed. Default: 30. Maximum: 300. */
  linger?: number;
  /** Ends a session that nobody uses. Default: a session does not end for this reason. */
  idleLogout?: IdleLogout;
  /**
   * Binds tokens to a key that never leaves the vault (DPoP, RFC 9449): `"auto"` if the provider's metadata offers it, `"required"` always, or no user
   * is signed in. Your APIs have to support it, too. Default: `"off"`.
   */
  dpop?: "auto" | "off" | "required";
  /**
   * Pushes authorization requests to the provider, so that the browser carries only a reference (PAR, RFC 9126): `"auto"` if the metadata offers it,
   * `"required"` always, `"off"` never. Default: only if the provider takes no others.
   */
  par?: "auto" | "off" | "required";
  /** Lets the app, and therefore every script in the page, read the access token. Default: `false`. */
  exposeAccessToken?: boolean;
  /** Allows http URLs of loopback hosts, for development. Default: `false`. */
  allowInsecureLoopback?: boolean;
  /**
   * Whether the first failure that is not the user's points to `wristband-spa-auth/diagnose` on the console. Default: the value of
   * `allowInsecureLoopback`.
   */
  development?: boolean;
  /** Where the vault may run. `"auto"` (the default) uses the first available location of `"shared"`, `"worker"`, `"page"`. */
  vault?: "auto" | VaultKind;
  /** The weakest location that `"auto"` may fall back to. Default: `"page"`. `"worker"` keeps all tokens out of the page's memory. */
  minimumVault?: VaultKind;
  /**
   * Called when the sign-in of this page load has ended, with the page to which the user returns: a path with query and fragment. The app's
   * router then goes there, without a new entry in the history: `(path) => router.replace(path)`. The code is already gone from the URL. If a
   * router puts it back, the URL is replaced again, and this called again. Default: the URL is replaced, and a `popstate` event dispatched, which
   * most routers follow.
   */
  navigate?: (path: string) => void;
  /** The URL of `vault.js`, on the page's own origin. Default: next to the package's own file, where bundlers find it. */
  workerUrl?: string | URL;
  /** The URL of `vault.wasm`. Default: next to the package's own file, where bundlers find it. */
  wasmUrl?: string | URL;
}

/** The options for a Wristband application. */
export interface WristbandOptions extends CommonOptions {
  /** The application vanity domain, such as `"invotastic-acme.us.wristband.dev"`. */
  applicationVanityDomain: string;
  issuer?: never;
  /** The tenant for logins that do not name one. */
  defaultTenantName?: string;
  /** The tenant custom domain for logins that do not name a tenant. */
  defaultTenantCustomDomain?: string;
  /** The root domain of the tenants' subdomains, if each has its own: `redirectUri` and `loginUrl` then start with `https://{tenant_name}.`. */
  tenantFromRootDomain?: string;
  /** Whether the application has a custom domain: tenants' domains then start with `tenant.` instead of `tenant-`. Default: `false`. */
  applicationCustomDomainActive?: boolean;
  /** Whether the application itself accepts authorization requests, as single-tenant applications do. Default: `false`. */
  applicationAuthorization?: boolean;
  /** Whether the user may sign in to another tenant than the login named, as Wristband's login page can offer. Default: `true`. If `false`, such a login fails with `tenant_mismatch`. */
  allowTenantChange?: boolean;
  /** The URL of the app's own tenant discovery page. Default: Wristband's page. */
  applicationLoginPage?: string;
}

/** The options for any other OpenID provider. */
export interface OpenIdOptions extends CommonOptions {
  /**
   * The issuer. The provider's metadata is fetched from it (OpenID Connect Discovery 1.0 §4). `{tenantid}` in its path stands for the `tid` of each
   * ID token, as at Microsoft Entra.
   */
  issuer: string;
  applicationVanityDomain?: never;
  /** The URL of the metadata. Default: the issuer's own well-known URL. The issuer in the metadata must still be the configured one. */
  discoveryUrl?: string;
  /**
   * Members of the metadata that replace what the provider publishes. With `authorization_endpoint`, `jwks_uri` and `token_endpoint` the
   * metadata is not fetched.
   */
  metadata?: Readonly<Record<string, unknown>>;
  /**
   * Whether a logout sends the session's ID token to the provider, so that it ends its session without a question and redirects back (OpenID
   * Connect RP-Initiated Logout 1.0 §2). Default: `true`.
   */
  idTokenHint?: boolean;
  /** The URL that ends the provider's session, if its metadata names none. */
  logoutUrl?: string;
  /** The parameter of `logoutUrl` with the URL to return to, such as `"logout_uri"` or `"returnTo"`. Default: `"post_logout_redirect_uri"`. */
  logoutReturnParameter?: string;
  /** The hash function by which the provider makes `at_hash`. Default: that of the ID token's algorithm, as OIDC Core §3.1.3.6 says. */
  atHashAlgorithm?: "SHA-256" | "SHA-384" | "SHA-512";
}

/** The options of {@link createAuth}. They cannot be changed later. */
export type AuthOptions = WristbandOptions | OpenIdOptions;

/** A page that the provider shows, or none (OIDC Core §3.1.2.1). */
export type Prompt = "login" | "consent" | "select_account" | "create" | "none";

/** The options of {@link Auth.login}. */
export interface LoginOptions {
  /** The name of the tenant to log in to: one DNS label. */
  tenantName?: string;
  /** The tenant's custom domain. The vault first asks the application whether it knows the domain, then redirects the browser. */
  tenantCustomDomain?: string;
  /** Prefills the provider's login form, usually with an e-mail address (`login_hint`, OIDC Core §3.1.2.1). */
  loginHint?: string;
  /** The name of the identity provider to use (`idp_hint`). */
  idpHint?: string;
  /** Where the user returns to: a path of the app, or a URL of its origin. Default: the current page. Any other value is ignored. */
  returnTo?: string;
  /** The pages that the provider shows, separated by spaces; `"none"`: it shows no page (OIDC Core §3.1.2.1). */
  prompt?: Prompt | (string & {});
  /**
   * The authentication context classes of which the user has to satisfy one, best first (`acr_values`). Checked against the ID token's `acr`. A wish
   * that need not be fulfilled belongs into `authorizationParams`.
   */
  acrValues?: string | readonly string[] | null | undefined;
  /** The languages of the provider's pages, best first (`ui_locales`). */
  uiLocales?: string | readonly string[];
  /** As in the options of the session, for this login only. */
  audience?: string;
  /** As in the options of the session, for this login only. */
  resource?: string | readonly string[];
  /** Further parameters of this authorization request. They replace those of the same name in the options of the session. */
  authorizationParams?: RequestParams;
  /** The maximum number of seconds since the user last signed in (`max_age`). Checked against the ID token's `auth_time`. */
  maxAge?: number | null | undefined;
  /** Whether Back returns to this page. Default: `true`. Use `false` on pages that redirect automatically: Back would only redirect again. */
  keepInHistory?: boolean;
  /**
   * Whether the page starts this login without a user action, as a route guard does. Default: `false`. After five such logins within a minute
   * the call rejects with `login_loop`; after a failed sign-in, with that sign-in's error; after the vault was lost, with `vault_lost`. Back does
   * not return to this page, unless `keepInHistory` is `true`.
   */
  automatic?: boolean;
  /**
   * A value of the app's own, which comes back as {@link SignedIn.customState}. At most 1,024 bytes of JSON. It is stored in the browser with
   * the pending login, and is lost if the login goes by the application's login page or by another origin.
   */
  customState?: unknown;
  /**
   * Whether the user is signed in only if the provider already has a session, without a login page. Default: `false`. For pages to which the
   * provider sends users after a sign-up, an invitation or a password reset. Without a session the user comes back signed out, without an
   * error; within a minute of such a login the next one does nothing.
   */
  silent?: boolean;
}

/** The options of {@link Auth.logout}. */
export interface LogoutOptions {
  /** Where the provider sends the user: a path of the app, or a URL of its origin, registered with the provider. Default: `postLogoutUrl`. */
  returnTo?: string;
  /** Returned by the provider as the query parameter `state`. At most 512 bytes. */
  state?: string;
  /** The tenant whose session ends. Default: that of the session, or else of the last one. */
  tenantName?: string;
  /** The tenant whose session ends, by its custom domain, which the application confirms first. */
  tenantCustomDomain?: string;
}

/** The result of {@link Auth.logout}. */
export interface LogoutResult {
  /**
   * Whether the browser is redirected to where the provider ends its own session. If not, that session may live on: the provider has no such URL, or
   * the device is offline. The next login then asks for the password, unless it is given a `prompt`.
   */
  readonly endsProviderSession: boolean;
}

/** What the sign-in that this page load has finished came to. */
export interface LastSignIn {
  /** The page of the app to which the user has returned: a path with query and fragment. `null` if the login is unknown. */
  readonly returnTo: string | null;
  /** Why the sign-in failed. `null` if it succeeded. An older session that lives on is not affected. */
  readonly error: AuthError | null;
}

/** The fields of every state. */
interface BaseState {
  /** Where the vault runs. While it is starting: where it is expected to run. */
  readonly vault: VaultKind;
  /** Why the vault does not run in a better location: each location that was tried, with the reason. `null` if the best allowed one is used. */
  readonly vaultFallback: string | null;
}

/** It is not known yet whether the user is signed in. */
export interface Loading extends BaseState {
  readonly status: "loading";
}

/** The user is not signed in. */
export interface SignedOut extends BaseState {
  readonly status: "signed-out";
  /** `expired`: the session ended at the provider, or could not be restored. `idle`: nobody used it for as long as `idleLogout` allows. */
  readonly reason: "never-signed-in" | "signed-out" | "expired" | "idle";
}

/** A sign-in failed, or no vault could be started. */
export interface Failed extends BaseState {
  readonly status: "failed";
  readonly error: AuthError;
}

/** The user is signed in. The state contains no token. */
export interface SignedIn extends BaseState {
  readonly status: "signed-in";
  /** The user's ID (`sub`). */
  readonly userId: string;
  /** The tenant's name. `null` if the provider did not name it. */
  readonly tenantName: string | null;
  readonly tenantCustomDomain: string | null;
  /** The tenant's ID (`tnt_id`). */
  readonly tenantId: string | null;
  /** The identity provider that authenticated the user (`idp_name`). */
  readonly identityProviderName: string | null;
  /** When the user was last authenticated (`auth_time`), in milliseconds since 1970. */
  readonly authenticatedAt: number | null;
  /** How the user authenticated (`acr`). `null` if the provider does not say. */
  readonly acr: string | null;
  /** Whether the tokens are bound to a key of the vault (DPoP): nobody else can use them. */
  readonly isBound: boolean;
  /** The granted scopes, separated by spaces. */
  readonly scope: string;
  /** When the access token expires, in milliseconds since 1970 by this device's clock. `null` if the provider did not say. */
  readonly expiresAt: number | null;
  /** When the access token will be renewed, in milliseconds since 1970 by this device's clock. `null` if it will not be. */
  readonly renewsAt: number | null;
  /**
   * When the session ends because nobody uses it, in milliseconds since 1970 by this device's clock. `null` until the warning of `idleLogout`
   * begins.
   */
  readonly idleLogoutAt: number | null;
  /** How many times the tokens were renewed in this session. */
  readonly renewals: number;
  /** Whether a renewal is in progress. */
  readonly renewing: boolean;
  /** Why the last renewal failed. `null` if it did not. The renewal is retried. */
  readonly renewalError: AuthError | null;
  /** The claims of the validated ID token. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** The value that the login of this session was given; `null` if none, or after the session was restored. */
  readonly customState: unknown;
  /** How many seconds this device's clock is behind; negative if it is ahead. Zero unless the clock was found to be wrong. */
  readonly clockSkew: number;
  /** Whether the device is offline. The session continues. */
  readonly offline: boolean;
}

/** The state, told apart by `status`. It is a new object only if something changed. */
export type AuthState = Loading | SignedOut | SignedIn | Failed;

/** A Wristband role. */
export interface Role {
  readonly id: string | null;
  readonly name: string;
  readonly displayName: string | null;
}

/** The user info (OIDC Core §5.3), with the field names of Wristband's SDKs. A claim that the provider did not send is `null`. */
export interface UserInfo<CustomClaims extends object = Record<string, unknown>> {
  readonly userId: string;
  readonly tenantId: string | null;
  readonly tenantName: string | null;
  readonly applicationId: string | null;
  readonly applicationName: string | null;
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
  /** When the user info was last changed, in seconds since 1970. */
  readonly updatedAt: number | null;
  readonly roles: readonly Role[];
  /** Wristband's claim `custom_claims`. */
  readonly customClaims: CustomClaims | null;
  /** The whole response, with the provider's claim names. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * The session of one app. Its functions do not use `this`: they can be destructured and passed on. After `dispose()`, calls reject with
 * `disposed`; if the vault ends or does not answer, with `vault_lost` or `timeout`.
 */
export interface Auth<CustomClaims extends object = Record<string, unknown>> {
  /** The current state. The same object until something changes. */
  readonly state: AuthState;

  /**
   * The outcome of the sign-in that this page load has finished, as soon as `ready` is fulfilled. `null` if the page was not opened by a callback. A
   * step-up that was cancelled while a session lives is seen here only: the state stays `signed-in`.
   */
  readonly lastSignIn: LastSignIn | null;

  /**
   * Fulfilled when it is known whether the user is signed in. If no vault could be started, it rejects with `vault_unavailable`, `network` or
   * `timeout`, and the state is `failed`.
   */
  readonly ready: Promise<void>;

  /** Calls `listener` after every change of the state. Returns a function that unsubscribes it. */
  subscribe(listener: (state: AuthState) => void): () => void;

  /**
   * Redirects the browser to the provider. Fulfilled when the navigation has started.
   *
   * @throws AuthError `config_invalid`, `tenant_invalid`, `storage_unavailable`, `offline`, `login_loop`, or why the
   * provider's metadata could not be fetched.
   */
  login(options?: LoginOptions): Promise<void>;

  /**
   * Starts the login that a URL of the app's login route asks for (see `loginUrl`).
   *
   * @param address - Default: the URL of the page.
   * @throws AuthError `callback_invalid` for an invalid URL, or an error of {@link Auth.login}.
   */
  loginFromUrl(address?: string | URL): Promise<void>;

  /**
   * Like the browser's `fetch`, with the access token, for URLs that `apis` lists. The vault adds the token. After a response with status 401
   * the vault renews the token and, if the body can be sent again, repeats the request once. A redirect is refused. `docs/internals/fetch.md`
   * lists every difference.
   *
   * @throws AuthError `address_not_listed`, `not_signed_in`, `api_redirected`, `network`, `offline`, or the error of a renewal.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit | null): Promise<Response>;

  /**
   * Fetches the user info from the provider. Its `sub` must be that of the ID token (OIDC Core §5.3.2).
   *
   * @throws AuthError `not_signed_in`, `user_info_invalid`, `user_info_subject`, or the error of a renewal.
   */
  userInfo(): Promise<UserInfo<CustomClaims>>;

  /**
   * Renews the tokens now. The library also renews them automatically before they expire.
   *
   * @throws AuthError `not_signed_in`, `refresh_token_missing`, or why the renewal failed.
   */
  renew(): Promise<void>;

  /**
   * Keeps the session for another `idleLogout.after` seconds, in all tabs: the user has answered the warning, or the app knows otherwise that the
   * user is there.
   *
   * @throws AuthError `not_signed_in`.
   */
  stay(): Promise<void>;

  /** The access token, renewed first if it is about to expire. Rejects with `access_token_not_exposed` unless `exposeAccessToken` is set. */
  accessToken(): Promise<string>;
  /**
   * A proof for one request that the app sends itself with the token of `accessToken()`, such as one that opens a WebSocket (RFC 9449 §4). The
   * proof is for this method (default: `GET`) and URL only. Only for apps with `exposeAccessToken`.
   *
   * @throws AuthError `access_token_not_exposed`, `dpop_unsupported` if the session's tokens are not bound.
   */
  dpopProof(request: { url: string | URL; method?: string }): Promise<string>;

  /**
   * Forgets the tokens, revokes the refresh token, and redirects the browser to the provider's logout. All tabs of this session sign out. The
   * result says whether the provider's own session ends.
   */
  logout(options?: LogoutOptions): Promise<LogoutResult>;

  /** Disconnects from the vault. Pending calls reject with `disposed`. The session at the provider continues. */
  dispose(): void;

  /** Like {@link Auth.dispose}, for `using`. */
  [Symbol.dispose](): void;
}
