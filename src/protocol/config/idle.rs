//! When a session ends that nobody uses.

use core::time::Duration;

use super::builder::{invalid, whole};
use crate::protocol::error::Error;
use crate::protocol::json::Value;
use crate::protocol::options::{self, Kind, Options};

/// When a session ends that nobody uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdleLogout {
    pub(crate) after: Duration,
    pub(crate) warn: Duration,
}

const LONGEST: i64 = 7 * 86_400;

const IDLE_LOGOUT: &Options = &[("after", Kind::Number(LONGEST)), ("warn", Kind::Number(LONGEST))];

impl IdleLogout {
    /// Ends a session after this time without a sign of the user in any tab: 1 second to 7 days, in whole seconds.
    pub fn after(duration: Duration) -> Self {
        Self { after: duration, warn: Duration::ZERO }
    }

    /// How long before the end the state says when it will be, so that the app can offer to stay. From then on,
    /// only `Auth::stay` keeps the session. By default there is no warning.
    #[must_use]
    pub fn warn(self, duration: Duration) -> Self {
        Self { warn: duration, ..self }
    }

    /// Reads the option.
    ///
    /// # Errors
    /// `config_invalid`, naming the member.
    pub(super) fn read(written: Option<&Value>) -> Result<Option<Self>, Error> {
        let Some(written) = written.filter(|written| written.is_object()) else { return Ok(None) };
        options::check(written, "idleLogout: ", IDLE_LOGOUT)?;
        // Options of this kind are never negative.
        let seconds = |name| Duration::from_secs(written.get(name).and_then(Value::as_integer).map_or(0, i64::unsigned_abs));
        let (after, warn) = (seconds("after"), seconds("warn"));
        if after.is_zero() || warn >= after {
            return Err(invalid("idleLogout: after: seconds, and warn: fewer seconds"));
        }
        Ok(Some(Self { after, warn }))
    }

    pub(super) fn to_json(self) -> Value {
        Value::object([("after", whole(self.after)), ("warn", whole(self.warn))])
    }
}
