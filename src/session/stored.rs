//! The record of a session that a native app keeps in the platform's secure storage.
//!
//! With it, a session outlives its process, and several processes of one app share one session. The record contains
//! tokens, so it is only for storage that encrypts.

use core::fmt;
use core::time::Duration;

use super::active_session::ActiveSession;
use crate::protocol::base64url::base64url;
use crate::protocol::config::Config;
use crate::protocol::id_token::IdToken;
use crate::protocol::json::Value;
use crate::protocol::jwks::Algorithm;
use crate::protocol::secret::{AccessToken, Nonce, RefreshToken, Secret};
use crate::protocol::tenant::Tenant;
use crate::protocol::time::{Deadline, Now, Timestamp};
use sha2::{Digest as _, Sha256};

/// What is stored of a session.
#[derive(Clone, PartialEq)]
pub struct StoredSession {
    /// Boxed, so that it is passed on as one pointer.
    pub(super) fields: Box<StoredFields>,
}

#[derive(Clone, PartialEq)]
pub(super) struct StoredFields {
    pub(super) access_token: AccessToken,
    pub(super) expires_at: Option<Timestamp>,
    /// The claims of the last ID token that the next one is compared with, and no others.
    pub(super) id_token: IdToken,
    /// The ID token as the provider sent it, if a logout may need it.
    pub(super) id_token_hint: Option<Secret>,
    /// The private key that the tokens are bound to. The driver adds it, and reads it.
    pub(super) key: Option<StoredKey>,
    /// The nonce of the login. It names the login from which all tokens of the session come.
    pub(super) nonce: Nonce,
    pub(super) refresh_token: RefreshToken,
    pub(super) renews_at: Option<Timestamp>,
    /// Counts the records of one login. The record with the highest number has the only refresh token that is valid.
    pub(super) revision: i64,
    pub(super) saved_at: Timestamp,
    pub(super) scope: String,
    pub(super) tenant: Tenant,
}

/// A private key, and the algorithm that it signs with.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredKey {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The key pair, as the driver writes it.
    pub private: Secret,
}

impl fmt::Debug for StoredSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredSession([redacted])")
    }
}

/// Records of another version are refused.
const VERSION: i64 = 1;

/// No record is longer, in bytes.
const MAX_LEN: usize = 256 * 1024;

/// The claims that continuity needs: the others are the user's own affair.
const CLAIMS: &[&str] =
    &["acr", "app_id", "aud", "auth_time", "azp", "iat", "idp_name", "iss", "login_hint", "sid", "sub", "tid", "tnt_id"];

/// A record from further in the future than this was written by another clock, whose times say nothing.
const MAX_CLOCK_STEP: Duration = Duration::from_secs(60);

impl StoredSession {
    /// The record of this session. `None` without a refresh token, for there is nothing to continue with.
    pub(super) fn of(active: &ActiveSession, now: Now, revision: i64) -> Option<Self> {
        let refresh_token = active.refresh_token.clone()?;
        let (access_token, id_token_hint, nonce, scope) = active.stored_parts();
        let (expires, renews) = active.deadlines();
        let fields = StoredFields {
            access_token,
            expires_at: expires.map(Deadline::wall_time),
            id_token: active.id_token.only(CLAIMS),
            id_token_hint,
            key: None,
            nonce,
            refresh_token,
            renews_at: renews.map(Deadline::wall_time),
            revision,
            saved_at: now.wall,
            scope,
            tenant: active.tenant.clone(),
        };
        Some(Self { fields: Box::new(fields) })
    }

    /// Adds the private key that the tokens are bound to.
    #[must_use]
    pub fn with_key(mut self, key: Option<StoredKey>) -> Self {
        self.fields.key = key;
        self
    }

    /// The login that it comes from, by its nonce.
    pub fn login(&self) -> &Nonce {
        &self.fields.nonce
    }

    /// Whether both are records of one login, and this is the newer one.
    pub fn is_newer_than(&self, other: &Self) -> bool {
        self.is_of(&other.fields.nonce) && self.fields.revision > other.fields.revision
    }

    /// Whether it is the record of the login with this nonce.
    pub fn is_of(&self, login: &Nonce) -> bool {
        self.fields.nonce == *login
    }

    /// The private key that the tokens are bound to.
    pub fn key(&self) -> Option<&StoredKey> {
        self.fields.key.as_ref()
    }

    /// How long from now until one of these times. Zero if the record's clock was another.
    pub(super) fn left(&self, until: Timestamp, now: Now) -> Duration {
        if self.fields.saved_at.since(now.wall) > MAX_CLOCK_STEP {
            return Duration::ZERO;
        }
        until.since(now.wall).min(until.since(self.fields.saved_at))
    }

    /// The record to store. `app` is the digest of the settings that it belongs to. The result is a secret.
    pub fn to_text(&self, app: &str) -> Secret {
        let mut record = self.members(app);
        record.insert_str("checksum", Some(&checksum(&record)));
        let text = Secret::new(record.to_text());
        record.wipe();
        text
    }

    fn members(&self, app: &str) -> Value {
        let fields = &self.fields;
        let mut record = Value::object([
            ("version", VERSION.into()),
            ("app", app.into()),
            ("claims", fields.id_token.claims().clone()),
            ("expiresAt", fields.expires_at.map(Timestamp::as_millis).into()),
            ("renewsAt", fields.renews_at.map(Timestamp::as_millis).into()),
            ("revision", fields.revision.into()),
            ("savedAt", fields.saved_at.as_millis().into()),
            ("scope", fields.scope.as_str().into()),
        ]);
        record.insert_str("accessToken", Some(fields.access_token.expose()));
        record.insert_str("idToken", fields.id_token_hint.as_ref().map(Secret::expose));
        record.insert_str("nonce", Some(fields.nonce.expose()));
        record.insert_str("refreshToken", Some(fields.refresh_token.expose()));
        record.insert_str("keyAlgorithm", fields.key.as_ref().map(|key| key.algorithm.as_str()));
        record.insert_str("key", fields.key.as_ref().map(|key| key.private.expose()));
        fields.tenant.write_to(&mut record);
        record
    }

    /// Reads a stored record. `None` if it is damaged, was changed by something else than this library, or belongs to other
    /// settings than those with the digest `app`.
    pub fn from_text(text: &Secret, config: &Config, app: &str) -> Option<Self> {
        if text.expose().len() > MAX_LEN {
            return None;
        }
        let mut record = Value::parse_object(text.expose().as_bytes())?;
        let read = Self::read(&mut record, config, app);
        record.wipe();
        read
    }

    fn read(record: &mut Value, config: &Config, app: &str) -> Option<Self> {
        let stated = record.take_string("checksum")?;
        record.remove("checksum");
        let is_sound = checksum(record) == stated
            && record.get("version").and_then(Value::as_integer) == Some(VERSION)
            && record.get_str("app") == Some(app);
        if !is_sound {
            return None;
        }
        let private = record.take_string("key").map(Secret::new);
        let mut secret = |name| record.take_string(name).filter(|text| !text.is_empty());
        let access_token = AccessToken::new(secret("accessToken")?);
        let refresh_token = RefreshToken::new(secret("refreshToken")?);
        let nonce = Nonce::new(secret("nonce")?);
        let id_token_hint = secret("idToken").map(Secret::new);
        let time = |name| record.get(name).and_then(Value::as_integer).map(Timestamp::from_millis);
        let key = match (record.get_str("keyAlgorithm"), private) {
            (None, None) => None,
            (Some(name), Some(private)) => Some(StoredKey { algorithm: Algorithm::parse(name)?, private }),
            _ => return None,
        };
        let fields = StoredFields {
            access_token,
            expires_at: time("expiresAt"),
            id_token: IdToken::remembered(record.get("claims")?.clone())?,
            id_token_hint,
            key,
            nonce,
            refresh_token,
            renews_at: time("renewsAt"),
            revision: record.get("revision")?.as_integer().filter(|revision| *revision > 0)?,
            saved_at: time("savedAt")?,
            scope: record.get_str("scope")?.to_owned(),
            tenant: Tenant::read_from(record, config).ok()?,
        };
        Some(Self { fields: Box::new(fields) })
    }
}

/// Shows whether a record is as it was written. Whoever can write to the storage can also write a checksum: against them,
/// only the storage itself protects.
fn checksum(record: &Value) -> String {
    let text = Secret::new(record.to_text());
    base64url(&Sha256::digest(text.expose().as_bytes()))
}
