/** Who can do something about a failure. */
export type Blame = "caller" | "network" | "provider" | "user";

/** The closed list of failures. What each means, and what to do, is in the documentation under the same name. */
export type AuthErrorCode =
  | "aborted"
  | "access_denied"
  | "access_token_not_exposed"
  | "access_token_refused"
  | "address_not_listed"
  | "api_redirected"
  | "authorization_failed"
  | "callback_invalid"
  | "clock_skew"
  | "config_invalid"
  | "disposed"
  | "id_token_access_token_hash"
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
  | "invalid_grant"
  | "issuer_mismatch"
  | "login_loop"
  | "login_required"
  | "metadata_invalid"
  | "network"
  | "not_signed_in"
  | "offline"
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
  | "tenant_unconfirmed"
  | "timeout"
  | "too_many_requests"
  | "user_info_invalid"
  | "user_info_subject"
  | "vault_lost"
  | "vault_unavailable";

/** The provider's own words (RFC 6749 §4.1.2.1, §5.2). */
export interface OAuthError {
  readonly error: string;
  readonly description: string | null;
}

/** What an error is made of when it comes from the vault. */
export interface Failure {
  readonly code: AuthErrorCode;
  readonly blame: Blame;
  readonly retryable: boolean;
  readonly message: string;
  readonly oauth?: OAuthError | null | undefined;
}

/** A failure: what it is, whose it is, and whether trying again can help. It holds no token. */
export class AuthError extends Error {
  /** Stable, and the same as in the Rust library. */
  declare readonly code: AuthErrorCode;
  /** Who can do something about it. */
  declare readonly blame: Blame;
  /** Whether the same call can succeed later with nothing changed. */
  declare readonly retryable: boolean;
  /** What the provider said, where it said something. */
  declare readonly oauth: OAuthError | undefined;

  /** @internal */
  constructor({ code, blame, retryable, message, oauth }: Failure) {
    super(message);
    Object.assign(this, { name: "AuthError", code, blame, retryable, oauth: oauth ?? undefined });
  }

  /** Everything of it as plain data. */
  toJSON(): Failure {
    return { ...this, message: this.message };
  }
}
