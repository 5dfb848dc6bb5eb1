import { ALL_FAILURES } from "./all_failures.js";
import { AuthError } from "./index.js";
import type { AuthErrorCode, AuthState, Failed, Loading, OAuthError, SignedIn, SignedOut, UserInfo, VaultKind } from "./index.js";

/** What is known of an error beyond its code. */
export interface AuthErrorDetails {
  /** What caused it in this case. */
  readonly detail?: string;
  /** The provider's error response. */
  readonly oauth?: { readonly error: string; readonly description?: string | null };
}

/** The error with this code, as the library throws it: `blame`, `retryable` and `message` follow from the code. */
export function authError(code: AuthErrorCode, { detail = "", oauth }: AuthErrorDetails = {}): AuthError {
  const { blame, retryable, sentence } = ALL_FAILURES[code];
  const response: OAuthError | undefined = oauth && { error: oauth.error, description: oauth.description ?? null };
  const said = response && [response.error, response.description].filter(Boolean).join(" - ");
  const message = `${[`${blame}: ${sentence}`, detail, said].filter(Boolean).join(": ")} (${code})`;
  return new AuthError({ code, blame, retryable, message, detail, oauth: response });
}

/** A state of which only `status` has to be given. */
type Part<State extends AuthState> = Pick<State, "status"> & Partial<State>;

/** A state with as many fields as a test needs. A failure needs its `error`. */
export type PartialState = Part<Loading> | Part<SignedOut> | Part<SignedIn> | (Part<Failed> & Pick<Failed, "error">);

const VAULT: { vault: VaultKind; vaultFallback: null } = { vault: "shared", vaultFallback: null };

/** It is not known yet whether the user is signed in. */
export function loading(fields: Partial<Loading> = {}): Loading {
  return { status: "loading", ...VAULT, ...fields };
}

/** The user is not signed in. Default for `reason`: `"never-signed-in"`. */
export function signedOut(reason: SignedOut["reason"] = "never-signed-in", fields: Partial<SignedOut> = {}): SignedOut {
  return { status: "signed-out", ...VAULT, reason, ...fields };
}

/** The sign-in failed, or, with the code `vault_unavailable`, no vault could be started. */
export function failed(error: AuthErrorCode | AuthError, fields: Partial<Failed> = {}): Failed {
  return { status: "failed", ...VAULT, error: typeof error === "string" ? authError(error) : error, ...fields };
}

/** The user is signed in. By default their ID is `"user"`, the claims are `sub` and, with a tenant, `tnt_id`, and what may be `null` is. */
export function signedIn(fields: Partial<SignedIn> = {}): SignedIn {
  const { userId = "user", tenantId = null } = fields;
  return {
    status: "signed-in",
    ...VAULT,
    userId,
    tenantName: null,
    tenantCustomDomain: null,
    tenantId,
    identityProviderName: null,
    authenticatedAt: null,
    acr: null,
    isBound: false,
    scope: "openid",
    expiresAt: null,
    renewsAt: null,
    idleLogoutAt: null,
    renewals: 0,
    renewing: false,
    renewalError: null,
    claims: { sub: userId, ...(tenantId !== null && { tnt_id: tenantId }) },
    customState: null,
    clockSkew: 0,
    offline: false,
    ...fields,
  };
}

/** The whole state. */
export function complete(state: PartialState): AuthState {
  switch (state.status) {
    case "loading":
      return loading(state);
    case "signed-out":
      return signedOut(state.reason, state);
    case "signed-in":
      return signedIn(state);
    case "failed":
      return failed(state.error, state);
  }
}

/** The user info with these fields. A field that is not given is `null`, and `roles` and `claims` are empty; `claims` has `sub`. */
export function userInfo<CustomClaims extends object = Record<string, unknown>>(
  fields: Partial<UserInfo<CustomClaims>> = {},
): UserInfo<CustomClaims> {
  const { userId = "user" } = fields;
  return {
    userId,
    tenantId: null,
    tenantName: null,
    applicationId: null,
    applicationName: null,
    identityProviderName: null,
    fullName: null,
    givenName: null,
    familyName: null,
    middleName: null,
    nickname: null,
    displayName: null,
    pictureUrl: null,
    email: null,
    emailVerified: null,
    gender: null,
    birthdate: null,
    timeZone: null,
    locale: null,
    phoneNumber: null,
    phoneNumberVerified: null,
    updatedAt: null,
    roles: [],
    customClaims: null,
    claims: { sub: userId },
    ...fields,
  };
}
