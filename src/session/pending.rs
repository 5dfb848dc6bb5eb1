//! A login that is under way: what has to be remembered until the browser comes back.

use super::effect::PendingKey;
use crate::protocol::config::Config;
use crate::protocol::json::Value;
use crate::protocol::secret::{CodeVerifier, Nonce};
use crate::protocol::tenant::Tenant;
use crate::protocol::time::{Now, Timestamp};
use crate::protocol::url::ReturnAddress;

/// At most so many logins are pending; the oldest gives way.
pub const MOST_PENDING: usize = 5;

const LIFETIME: u64 = 60 * 60 * 1000;
/// Logins within this time of each other can be a loop.
const RECENT: u64 = 60 * 1000;
/// A record from further in the future than this was written by a clock that is not ours.
const LARGEST_STEP: u64 = 10 * 60 * 1000;

/// A login that is under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// It is handed from one to the next as one pointer.
    pub(super) record: Box<Record>,
}

/// What is remembered of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record {
    /// Whether a page started the login by itself, without a user's action.
    pub(super) automatic: bool,
    pub(super) created_at: Timestamp,
    pub(super) max_age: Option<u32>,
    pub(super) nonce: Nonce,
    /// Whether the login came back. What is left then only counts it, and holds no secret.
    pub(super) is_finished: bool,
    /// The digest of all settings of the client that started the login. No other client can use this record.
    pub(super) owner: String,
    /// Whether this is the library's own attempt to restore a session, which fails without noise.
    pub(super) restoring: bool,
    pub(super) return_to: Option<ReturnAddress>,
    pub(super) tenant: Tenant,
    pub(super) verifier: CodeVerifier,
}

impl Pending {
    /// The key of the login with this `state`. Clients with other settings look under other keys, so
    /// they neither find the record nor remove it.
    pub(super) fn key(owner: &str, state: &str) -> PendingKey {
        PendingKey([owner, "/", state].concat())
    }

    /// Whether the login is too old, or from the future.
    pub fn has_expired(&self, now: Now) -> bool {
        let lifetime = if self.record.is_finished { RECENT } else { LIFETIME };
        now.wall.millis_since(self.record.created_at) > lifetime || self.record.created_at.millis_since(now.wall) > LARGEST_STEP
    }

    /// Whether a page of this client started this login by itself a moment ago.
    pub(super) fn is_recent_automatic(&self, owner: &str, now: Now) -> bool {
        // One from the future was written before the clock was set back: that can be a moment ago.
        self.record.automatic && self.record.owner == owner && now.wall.millis_since(self.record.created_at) < RECENT
    }

    /// What is stored of an automatic login that came back, so that a page which starts one after the
    /// other is noticed.
    pub(super) fn finished(&self) -> Self {
        let (nonce, verifier) = (Nonce::new(String::new()), CodeVerifier::new(String::new()));
        let (automatic, is_finished, restoring) = (self.record.automatic, true, self.record.restoring);
        let (created_at, owner) = (self.record.created_at, self.record.owner.clone());
        let (max_age, return_to, tenant) = (None, None, Tenant::default());
        let record = Record { automatic, created_at, is_finished, max_age, nonce, owner, restoring, return_to, tenant, verifier };
        Self { record: Box::new(record) }
    }

    /// When the login was begun.
    pub fn created_at(&self) -> Timestamp {
        self.record.created_at
    }

    /// How old the login is, in milliseconds: the oldest gives way to others. One from the future was
    /// written before the clock was set back, and is older than all that came after.
    pub fn age(&self, now: Now) -> u64 {
        let is_from_the_future = self.record.created_at.millis_since(now.wall) > 0;
        if is_from_the_future { u64::MAX } else { now.wall.millis_since(self.record.created_at) }
    }

    /// The record to store. It holds the code verifier, which is worthless after the callback.
    pub fn to_json(&self) -> Value {
        let (record, mut written) = (&self.record, Value::object([]));
        written.put("automatic", record.automatic.into());
        written.put("createdAt", record.created_at.as_millis().into());
        written.put("finished", record.is_finished.into());
        written.put("maxAge", record.max_age.map(i64::from).into());
        written.put_text("nonce", Some(record.nonce.expose()));
        written.put_text("owner", Some(&record.owner));
        written.put("restoring", record.restoring.into());
        written.put_text("returnTo", record.return_to.as_ref().map(ReturnAddress::as_str));
        record.tenant.write_to(&mut written);
        written.put_text("verifier", Some(record.verifier.expose()));
        written
    }

    /// Reads a stored record. `None` for one that this library did not write.
    pub fn from_json(mut record: Value, config: &Config) -> Option<Self> {
        let verifier = CodeVerifier::new(record.take_string("verifier")?);
        let nonce = Nonce::new(record.take_string("nonce")?);
        let text = |name| record.text(name);
        let flag = |name| record.get(name).and_then(Value::as_bool).unwrap_or(false);
        let record = Record {
            automatic: flag("automatic"),
            is_finished: flag("finished"),
            created_at: Timestamp::from_millis(record.get("createdAt")?.as_integer()?),
            max_age: record.get("maxAge").and_then(Value::as_integer).and_then(|seconds| u32::try_from(seconds).ok()),
            nonce,
            owner: text("owner")?.to_owned(),
            restoring: record.get("restoring")?.as_bool()?,
            return_to: text("returnTo").and_then(|path| ReturnAddress::from_path(path.to_owned())),
            tenant: Tenant::read_from(&record, config).ok()?,
            verifier,
        };
        Some(Self { record: Box::new(record) })
    }
}
