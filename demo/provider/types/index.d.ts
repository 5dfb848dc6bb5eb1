/** Lifetimes and behaviour of the provider. The README lists all of them with their defaults. */
export type ProviderSettings = Record<string, unknown>;

/** Spoils the next matching requests. The README lists all members. */
export interface Fault {
  endpoint: "token" | "userinfo" | "jwks" | "revoke" | "authorize" | "validate" | "sdk" | "discovery" | "api" | "logout" | "login" | "par";
  /** Only this grant, at the token endpoint. */
  grant?: "authorization_code" | "refresh_token";
  /** How many requests. Default: 1. */
  times?: number;
  delayMs?: number;
  status?: number;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** Cuts the connection, without or with having processed the request. */
  drop?: "before" | "after";
  cors?: "blocked";
  /** Parameters of the authorization response: set, or removed with `null`. With `error` the response comes at once. */
  redirect?: Readonly<Record<string, string | readonly string[] | null>>;
  [member: string]: unknown;
}

export interface GivenTenant {
  /** One DNS label. */
  name: string;
  displayName?: string;
  /** A host of the tenant's own, below `localhost`. */
  customDomainName?: string;
}

export interface GivenUser {
  email: string;
  password: string;
  /** The name of the user's tenant. */
  tenant: string;
  givenName?: string;
  familyName?: string;
  /** Names of roles, such as `"owner"`. */
  roles?: readonly string[];
  /** Claims that are added, or replace those of the provider. */
  claims?: Readonly<Record<string, unknown>>;
  customClaims?: Readonly<Record<string, unknown>>;
}

/** The tenants and the users. Default for `tenants`: those that the users name. */
export interface Directory {
  users: readonly GivenUser[];
  tenants?: readonly GivenTenant[];
}

export interface ProviderOptions {
  /** Default: a free port. */
  port?: number;
  /** The port of the API. Default: a free port. */
  apiPort?: number;
  /** An ordinary OpenID provider, without tenants. Default: `false`. */
  plain?: boolean;
  issuer?: string;
  /** Default: `["http://localhost:4402"]`. */
  appOrigins?: readonly string[];
  /** Default: `/callback` of each origin. */
  redirectUris?: readonly string[];
  /** Default: `/login` of the first origin. */
  loginUrl?: string;
  /** Default: `/` and `/goodbye` of each origin. */
  logoutUrls?: readonly string[];
  /** 1 to 26 characters. */
  clientId?: string;
  directory?: Directory;
  settings?: ProviderSettings;
  /** Called with the log entry of each request. */
  onRequest?: (entry: LogEntry) => void;
  /** A key and a certificate, in PEM. */
  tls?: { key: string | Buffer; cert: string | Buffer };
}

/** A request to the provider or to the API. It contains what was sent, codes and tokens included. */
export interface LogEntry {
  readonly time: string;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | string[]>>;
  readonly form?: Readonly<Record<string, string>>;
  readonly endpoint: string | null;
  readonly origin: string | null;
  readonly authorization: boolean;
  readonly cookie: boolean;
  readonly contentType: string | null;
  /** `null` if the connection was cut. */
  readonly status: number | null;
  readonly fault: Fault | null;
  /** The e-mail address of the user whom the request is about. */
  readonly user?: string;
  /** Why the request was refused. */
  readonly problem?: string;
  /** Where the browser was redirected to, without the parameters. */
  readonly to?: string;
  /** Whether that redirect has a code. */
  readonly hasCode?: boolean;
  /** Whether CORS hides the response from the page that sent the request. */
  readonly hidden?: boolean;
  /** The DPoP proof of the request, decoded. */
  readonly dpop?: { readonly header: unknown; readonly claims: unknown };
  /** The parameters that were pushed, if `query` refers to a pushed request. */
  readonly pushed?: Readonly<Record<string, string | string[]>>;
}

/** The settings of an app for this provider, as `createAuth` of wristband-spa-auth takes them. */
export type AppSettings = {
  clientId: string;
  redirectUri: string;
  postLogoutUrl: string;
  scopes: string[];
  apis: string[];
  allowInsecureLoopback: true;
} & ({ applicationVanityDomain: string; loginUrl: string; issuer?: never } | { issuer: string; applicationVanityDomain?: never });

export interface User {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly tenant: string;
  readonly roles: readonly { readonly id: string; readonly name: string; readonly displayName: string }[];
}

/** The link of an e-mail, which signs the user in at the provider and ends at a page of the app. */
export interface Landing {
  kind: "invitation" | "password-reset" | "sign-up" | "change-email";
  email: string;
  /** A URL of the app. */
  to: string;
}

/** What can be changed and read while the provider runs. The HTTP API has the same. */
export interface Control {
  appSettings(): AppSettings;
  settings(): ProviderSettings;
  patchSettings(patch: ProviderSettings): ProviderSettings;
  addFault(fault: Fault): Fault & { id: number };
  faults(): (Fault & { id: number })[];
  clearFaults(): void;
  /** A new signing key; with `dropOld` the others are withdrawn. */
  rotateKeys(options?: { dropOld?: boolean }): Promise<void>;
  /** The API and the userinfo endpoint refuse the access tokens issued until now, as if their time were over. */
  expireAccessTokens(): void;
  /** The provider and the API refuse the DPoP nonces that were issued until now. */
  rotateDpopNonces(): void;
  /** Every refresh token ends. */
  revokeAll(): void;
  /** Every session at the provider ends. */
  endSessions(): void;
  log(): LogEntry[];
  clearLog(): void;
  issued(): Record<"codes" | "accessTokens" | "refreshTokens" | "idTokens" | "nonces" | "states" | "codeVerifiers", string[]>;
  landing(email: Landing): Promise<string>;
  users(): User[];
  /** Settings, faults, log, sessions, tokens, keys: as after the start. */
  reset(): void;
}

export interface Provider {
  readonly port: number;
  readonly apiPort: number;
  readonly scheme: "http" | "https";
  readonly issuer: string;
  readonly clientId: string;
  readonly applicationVanityDomain: string;
  /** The prefix of the API's URLs. */
  readonly api: string;
  readonly appSettings: AppSettings;
  readonly settings: ProviderSettings;
  readonly control: Control;
  close(): Promise<unknown>;
}

/**
 * Starts a provider and its API on the loopback addresses.
 *
 * @throws TypeError for options that are not valid; an error that says so if a port is taken.
 */
export function startProvider(options?: ProviderOptions): Promise<Provider>;
