/** Who can resolve a failure. */
export type Blame = "caller" | "network" | "provider" | "user";

/** The closed list of error codes. The documentation says for each code what happened and what to do. */
export type AuthErrorCode =
  | "aborted"
  | "access_denied"
  | "access_token_not_exposed"
  | "access_token_refused"
  | "address_not_listed"
  | "api_redirected"
  | "api_refused"
  | "api_response_invalid"
  | "authorization_failed"
  | "callback_invalid"
  | "clock_skew"
  | "config_invalid"
  | "disposed"
  | "dpop_unsupported"
  | "id_token_access_token_hash"
  | "id_token_acr"
  | "id_token_algorithm"
  | "id_token_audience"
  | "id_token_auth_time"
  | "id_token_expired"
  | "id_token_issued_at"
  | "id_token_issuer"
  | "id_token_key"
  | "id_token_malformed"
  | "id_token_nonce"
  | "id_token_signature"
  | "id_token_subject"
  | "insecure_context"
  | "insufficient_user_authentication"
  | "invalid_grant"
  | "issuer_mismatch"
  | "login_loop"
  | "login_required"
  | "metadata_invalid"
  | "network"
  | "not_signed_in"
  | "offline"
  | "par_unsupported"
  | "provider_rejected"
  | "provider_response_invalid"
  | "provider_unavailable"
  | "refresh_token_missing"
  | "state_expired"
  | "state_unknown"
  | "storage_unavailable"
  | "subject_changed"
  | "tenant_invalid"
  | "tenant_mismatch"
  | "timeout"
  | "too_many_requests"
  | "user_info_invalid"
  | "user_info_subject"
  | "vault_lost"
  | "vault_unavailable";

/** The provider's error response (RFC 6749 §4.1.2.1, §5.2). */
export interface OAuthError {
  readonly error: string;
  readonly description: string | null;
}

/** An error as plain data, as the vault sends it. */
export interface Failure {
  readonly code: AuthErrorCode;
  readonly blame: Blame;
  readonly retryable: boolean;
  readonly message: string;
  readonly detail?: string | null | undefined;
  readonly oauth?: OAuthError | null | undefined;
  readonly acrValues?: string | null | undefined;
  readonly maxAge?: number | null | undefined;
}

/** The error of every rejected call: what failed, who can resolve it, and whether a retry can help. It contains no token. */
export class AuthError extends Error {
  /** The error code. Stable, and the same as in the Rust library. */
  declare readonly code: AuthErrorCode;
  /** Who can resolve it. */
  declare readonly blame: Blame;
  /** Whether the same call can succeed later without any change. */
  declare readonly retryable: boolean;
  /** The provider's error response, if there was one. */
  declare readonly oauth: OAuthError | undefined;
  /** What is known of this case beyond its code, such as the option that is not valid. Part of `message`; empty if there is nothing to add. */
  declare readonly detail: string;

  /** Of `insufficient_user_authentication`: how the API needs the user to authenticate, for `login` (RFC 9470). */
  declare readonly acrValues?: string | null;
  /** Of `insufficient_user_authentication`: how many seconds ago at most the user may have authenticated, for `login`. */
  declare readonly maxAge?: number | null;

  /** @internal */
  constructor({ message, detail, oauth, ...rest }: Failure) {
    super(message);
    Object.assign(this, { name: "AuthError", ...rest, detail: detail ?? "", oauth: oauth ?? undefined });
  }

  /** All fields as plain data. */
  toJSON(): Failure {
    return { ...this, message: this.message };
  }
}
