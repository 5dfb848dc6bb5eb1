//! A pending login: what has to be stored until the browser comes back.

use super::effect::PendingKey;
use crate::protocol::config::Config;
use crate::protocol::json::Value;
use crate::protocol::parameters::Parameters;
use crate::protocol::secret::{CodeVerifier, Nonce};
use crate::protocol::tenant::Tenant;
use crate::protocol::time::{Now, Timestamp};
use crate::protocol::url::ReturnAddress;

/// At most this many logins are pending; the oldest is removed.
pub const MAX_PENDING: usize = 5;

const LIFETIME: u64 = 60 * 60 * 1000;
/// A login that starts again is not followed by another one within this time.
const RECOVERY_WINDOW: u64 = 10 * 60 * 1000;
/// In milliseconds: logins within this time of each other can be a loop.
const RECENT: u64 = 60 * 1000;
/// In milliseconds: a record from further in the future than this was written by another clock.
const MAX_CLOCK_STEP: u64 = 10 * 60 * 1000;

/// A pending login.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingLogin {
    /// Boxed, so that it is passed on as one pointer.
    pub(super) fields: Box<PendingFields>,
}

/// The stored fields.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PendingFields {
    /// The authentication context classes of which the ID token has to name one, separated by spaces.
    pub(super) acr_values: Option<String>,
    /// Whether a page started the login automatically, without a user's action.
    pub(super) automatic: bool,
    pub(super) created_at: Timestamp,
    /// The app's own value, which comes back with the session.
    pub(super) custom_state: Option<Value>,
    /// The thumbprint of the key that the code is bound to.
    pub(super) dpop_jkt: Option<String>,
    pub(super) max_age: Option<u32>,
    pub(super) nonce: Nonce,
    /// Whether the callback has arrived. The record then only counts the login, and contains no secret.
    pub(super) is_finished: bool,
    /// The digest of all settings of the client that started the login. No other client can use this record.
    pub(super) client_fingerprint: String,
    /// Further parameters of the authorization request, for a login that starts again.
    pub(super) params: Parameters,
    /// What the login recovers from, if the library started it again.
    pub(super) recovery: Option<Recovered>,
    /// Whether the library started the login to restore a session. It then fails silently.
    pub(super) restoring: bool,
    pub(super) return_to: Option<ReturnAddress>,
    /// Whether the login was sent with `prompt=none`.
    pub(super) silent: bool,
    pub(super) tenant: Tenant,
    /// A digest of the user whose session is restored. No other user is signed in.
    pub(super) user: Option<String>,
    pub(super) verifier: CodeVerifier,
}

/// What made the library start a login again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recovered {
    /// A login of this client failed.
    FailedLogin,
    /// A callback without a login of this client.
    ForeignCallback,
}

impl Recovered {
    const ALL: [Self; 2] = [Self::FailedLogin, Self::ForeignCallback];

    fn as_str(self) -> &'static str {
        match self {
            Self::FailedLogin => "failed-login",
            Self::ForeignCallback => "foreign-callback",
        }
    }
}

impl PendingLogin {
    /// The key of the login with this `state`. Clients with other settings use other keys, so they
    /// neither find the record nor remove it.
    pub(super) fn key(client_fingerprint: &str, state: &str) -> PendingKey {
        PendingKey([client_fingerprint, "/", state].concat())
    }

    /// Whether the login is too old, or too far in the future.
    pub fn has_expired(&self, now: Now) -> bool {
        let lifetime = match self.fields.recovery {
            Some(_) if self.fields.is_finished => RECOVERY_WINDOW,
            None if self.fields.is_finished => RECENT,
            _ => LIFETIME,
        };
        now.wall.millis_since(self.fields.created_at) > lifetime || self.fields.created_at.millis_since(now.wall) > MAX_CLOCK_STEP
    }

    /// Whether this client started this login to recover from another one, not long ago.
    pub(super) fn is_recent_recovery(&self, client_fingerprint: &str, now: Now) -> bool {
        let fields = &self.fields;
        let is_recent = now.wall.millis_since(fields.created_at) < RECOVERY_WINDOW;
        fields.recovery.is_some() && fields.client_fingerprint == client_fingerprint && is_recent
    }

    /// Whether a page of this client asked a moment ago, with `prompt=none`, whether a session exists.
    pub(super) fn is_recent_silent(&self, client_fingerprint: &str, now: Now) -> bool {
        self.fields.restoring && self.is_recent_automatic(client_fingerprint, now)
    }

    /// Whether a page of this client started this login automatically a moment ago.
    pub(super) fn is_recent_automatic(&self, client_fingerprint: &str, now: Now) -> bool {
        // A record from the future was written before the clock was set back: that can be a moment ago.
        self.fields.automatic
            && self.fields.client_fingerprint == client_fingerprint
            && now.wall.millis_since(self.fields.created_at) < RECENT
    }

    /// What stays stored of an automatic login after its callback, so that a page which starts one after
    /// the other is detected.
    pub(super) fn finished(&self) -> Self {
        let (nonce, verifier) = (Nonce::new(String::new()), CodeVerifier::new(String::new()));
        let (automatic, is_finished, restoring) = (self.fields.automatic, true, self.fields.restoring);
        let (custom_state, recovery, silent, user) = (None, self.fields.recovery, self.fields.silent, None);
        let (created_at, client_fingerprint) = (self.fields.created_at, self.fields.client_fingerprint.clone());
        let (max_age, params, return_to, tenant) = (None, Parameters::default(), None, Tenant::default());
        let fields = PendingFields {
            acr_values: None,
            automatic,
            created_at,
            custom_state,
            dpop_jkt: None,
            is_finished,
            max_age,
            nonce,
            client_fingerprint,
            params,
            recovery,
            restoring,
            return_to,
            silent,
            tenant,
            user,
            verifier,
        };
        Self { fields: Box::new(fields) }
    }

    /// When the login was started.
    pub fn created_at(&self) -> Timestamp {
        self.fields.created_at
    }

    /// The age of the login in milliseconds; the oldest is removed first. A login from the future was
    /// stored before the clock was set back, and is older than all that came after.
    pub fn age(&self, now: Now) -> u64 {
        let is_from_the_future = self.fields.created_at.millis_since(now.wall) > 0;
        if is_from_the_future { u64::MAX } else { now.wall.millis_since(self.fields.created_at) }
    }

    /// The record to store. It contains the code verifier, which is of no use after the callback.
    pub fn to_json(&self) -> Value {
        let (fields, mut written) = (&self.fields, Value::object([]));
        written.insert_str("acrValues", fields.acr_values.as_deref());
        written.insert("automatic", fields.automatic.into());
        written.insert("createdAt", fields.created_at.as_millis().into());
        written.insert("customState", fields.custom_state.clone().unwrap_or_default());
        written.insert_str("dpopJkt", fields.dpop_jkt.as_deref());
        written.insert("finished", fields.is_finished.into());
        written.insert("maxAge", fields.max_age.map(i64::from).into());
        written.insert_str("nonce", Some(fields.nonce.expose()));
        written.insert_str("owner", Some(&fields.client_fingerprint));
        written.insert("params", fields.params.to_json());
        written.insert_str("recovery", fields.recovery.map(Recovered::as_str));
        written.insert("restoring", fields.restoring.into());
        written.insert_str("returnTo", fields.return_to.as_ref().map(ReturnAddress::as_str));
        written.insert("silent", fields.silent.into());
        fields.tenant.write_to(&mut written);
        written.insert_str("user", fields.user.as_deref());
        written.insert_str("verifier", Some(fields.verifier.expose()));
        written
    }

    /// Reads a stored record. `None` if this library did not write it.
    pub fn from_json(mut fields: Value, config: &Config) -> Option<Self> {
        let verifier = CodeVerifier::new(fields.take_string("verifier")?);
        let nonce = Nonce::new(fields.take_string("nonce")?);
        let text = |name| fields.get_str(name);
        let flag = |name| fields.get(name).and_then(Value::as_bool).unwrap_or(false);
        let fields = PendingFields {
            acr_values: text("acrValues").map(str::to_owned),
            automatic: flag("automatic"),
            custom_state: fields.get("customState").cloned(),
            dpop_jkt: text("dpopJkt").map(str::to_owned),
            is_finished: flag("finished"),
            created_at: Timestamp::from_millis(fields.get("createdAt")?.as_integer()?),
            max_age: fields.get("maxAge").and_then(Value::as_integer).and_then(|seconds| u32::try_from(seconds).ok()),
            nonce,
            client_fingerprint: text("owner")?.to_owned(),
            params: Parameters::from_json(fields.get("params")),
            recovery: text("recovery").and_then(|word| Recovered::ALL.into_iter().find(|known| known.as_str() == word)),
            restoring: fields.get("restoring")?.as_bool()?,
            return_to: text("returnTo").and_then(|path| ReturnAddress::from_path(path.to_owned())),
            silent: flag("silent"),
            tenant: Tenant::read_from(&fields, config).ok()?,
            user: text("user").map(str::to_owned),
            verifier,
        };
        Some(Self { fields: Box::new(fields) })
    }
}
