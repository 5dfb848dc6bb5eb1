//! What Rust's users expect of the public types: `Display`, `FromStr`, arithmetic, and serde.

use core::fmt;
use core::ops::{Add, Sub};
use core::str::FromStr;
use core::time::Duration;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

use crate::protocol::authorize::Prompt;
use crate::protocol::config::{Config, ConfigBuilder, Restore, Use};
use crate::protocol::error::{Blame, Code, Error};
use crate::protocol::json::Value;
use crate::protocol::tenant::{TenantCustomDomain, TenantName};
use crate::protocol::time::Timestamp;
use crate::protocol::user_info::UserInfo;
use crate::session::Reason;

macro_rules! display_as_str {
    ($($name:ty),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    )*};
}

display_as_str!(Blame, Code, Prompt, Reason, Restore, TenantCustomDomain, TenantName, Use);

#[cfg(feature = "browser")]
display_as_str!(crate::VaultKind);

impl AsRef<str> for TenantName {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl FromStr for TenantName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl Serialize for TenantName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl AsRef<str> for TenantCustomDomain {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// In UTC, to the second, as in RFC 3339: `2026-12-01T02:46:15Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.as_millis().div_euclid(1000);
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = date(days);
        write!(f, "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
    }
}

/// The date of a day since 1970, in the Gregorian calendar. Counted from a first of March, a leap day is the last of its year.
fn date(days: i64) -> (i64, i64, i64) {
    const DAYS_OF_ERA: i64 = 146_097;
    let day = days + 719_468;
    let (era, day_of_era) = (day.div_euclid(DAYS_OF_ERA), day.rem_euclid(DAYS_OF_ERA));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day_of_year - (153 * month_from_march + 2) / 5 + 1)
}

/// Saturates.
impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        self.plus(duration)
    }
}

/// Saturates.
impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        self.minus(duration)
    }
}

/// The time from the second to the first; zero if the first is earlier.
impl Sub for Timestamp {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

/// The settings by the names of the JavaScript API, as in a `config.json`.
impl Serialize for Config {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

/// Checked as [`ConfigBuilder::build`] does.
impl<'de> Deserialize<'de> for Config {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let settings = Value::deserialize(deserializer)?;
        ConfigBuilder::from_json(&settings).and_then(ConfigBuilder::build).map_err(D::Error::custom)
    }
}

/// Settings in JSON, by the names of the JavaScript API. They are checked by [`ConfigBuilder::build`].
impl FromStr for ConfigBuilder {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let settings = Value::parse(text.as_bytes()).ok_or_else(|| Error::with_detail(Code::ConfigInvalid, "not JSON"))?;
        Self::from_json(&settings)
    }
}

/// All claims, as received.
impl Serialize for UserInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.claims().serialize(serializer)
    }
}

/// From claims that were serialized before. They are not checked again.
impl<'de> Deserialize<'de> for UserInfo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from_claims)
    }
}

/// The members of the JavaScript API: `code`, `blame`, `retryable`, `message`, `detail`, `oauth`.
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

/// From a serialized error: `code`, and `detail` or `oauth` if they are there.
impl<'de> Deserialize<'de> for Error {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_json(&Value::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("not an error of this library"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_shown_as_a_date() {
        for (seconds, shown) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_799, "2000-02-29T23:59:59Z"),
            (1_709_164_800, "2024-02-29T00:00:00Z"),
            (1_796_090_273, "2026-12-01T01:57:53Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(Timestamp::from_seconds(seconds).to_string(), shown);
        }
    }

    #[test]
    fn timestamps_can_be_calculated_with() {
        let (early, late) = (Timestamp::from_seconds(10), Timestamp::from_seconds(70));
        assert_eq!(late - early, Duration::from_secs(60));
        assert_eq!(early - late, Duration::ZERO);
        assert_eq!(early + Duration::from_secs(60), late);
        assert_eq!(late - Duration::from_secs(60), early);
    }

    #[test]
    fn an_error_has_a_sentence_for_the_user() {
        assert_eq!(Error::with_detail(Code::Offline, "no cable").message(), "The device is offline.");
    }

    #[test]
    fn names_are_shown_and_parsed() {
        assert_eq!(
            format!("{} {} {}", Code::InvalidGrant, Blame::User, Reason::NeverSignedIn),
            "invalid_grant user never-signed-in"
        );
        assert_eq!("Acme".parse::<TenantName>().unwrap().to_string(), "acme");
        assert_eq!("a.b".parse::<TenantName>().unwrap_err().code(), Code::TenantInvalid);
        assert_eq!(format!("[{:<8}]", Blame::User), "[user    ]");
    }

    #[test]
    fn settings_errors_and_user_info_survive_serde() {
        let text = r#"{"issuer": "https://id.example", "clientId": "c", "redirectUri": "https://app.example/", "linger": 9}"#;
        let config: Config = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::from_str::<Config>(&serde_json::to_string(&config).unwrap()).unwrap(), config);
        assert_eq!(text.parse::<ConfigBuilder>().unwrap().build(), Ok(config));
        let refused = serde_json::from_str::<Config>(r#"{"clientId": "c", "redirectUri": "https://app.example/"}"#).unwrap_err();
        assert!(refused.to_string().contains("exactly one"), "{refused}");
        assert_eq!("{".parse::<ConfigBuilder>().unwrap_err().code(), Code::ConfigInvalid);

        for error in [Error::new(Code::Network), Error::with_detail(Code::ConfigInvalid, "linger: 300 seconds at most")] {
            let text = serde_json::to_string(&error).unwrap();
            assert_eq!(serde_json::from_str::<Error>(&text).unwrap(), error, "{text}");
        }
        assert!(serde_json::from_str::<Error>(r#"{"code": "no_such_code"}"#).is_err());

        let user: UserInfo = serde_json::from_str(r#"{"sub": "ada", "email": "ada@acme.example"}"#).unwrap();
        assert_eq!((user.user_id(), user.email()), ("ada", Some("ada@acme.example")));
        assert_eq!(serde_json::from_str::<UserInfo>(&serde_json::to_string(&user).unwrap()).unwrap(), user);
    }
}
