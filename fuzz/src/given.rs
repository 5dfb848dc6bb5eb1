//! Fixtures: two apps, a time, and ways to split an input into parts.

use std::borrow::Cow;

use wristband_spa_auth::protocol::http::Response;
use wristband_spa_auth::protocol::secret::Secret;
use wristband_spa_auth::protocol::time::{Instant, Now, Timestamp};
use wristband_spa_auth::{Config, Restore};

pub(crate) const APP: &str = "https://app.example";
pub(crate) const CALLBACK: &str = "https://app.example/callback";
pub(crate) const CLIENT: &str = "spa-client";
pub(crate) const ISSUER: &str = "https://id.example/realm";
pub(crate) const VANITY: &str = "app-org.us.wristband.dev";

/// The time at which everything happens, in seconds since 1970.
pub(crate) const TIME: i64 = 1_750_000_000;

pub(crate) fn now() -> Now {
    Now { monotonic: Instant::from_millis(1_000), wall: Timestamp::from_seconds(TIME) }
}

/// An app on Wristband.
pub(crate) fn wristband() -> Config {
    Config::wristband(VANITY, CLIENT, CALLBACK)
        .allow_tenant_change(false)
        .restore(Restore::None)
        .build()
        .expect("the settings are right")
}

/// An app on another OpenID provider.
pub(crate) fn open_id() -> Config {
    Config::openid(ISSUER, CLIENT, CALLBACK).restore(Restore::None).build().expect("the settings are right")
}

/// The first line, and the rest. If there is no second line, the first is empty.
pub(crate) fn lines(data: &[u8]) -> (Cow<'_, str>, Cow<'_, str>) {
    let end = data.iter().position(|byte| *byte == b'\n');
    let (first, rest) = end.map_or((&data[..0], data), |end| (&data[..end], &data[end + 1..]));
    (String::from_utf8_lossy(first), String::from_utf8_lossy(rest))
}

/// The response with the status in the first line, or 200 if that is no number.
pub(crate) fn response(data: &[u8]) -> Response {
    let (status, body) = lines(data);
    Response {
        status: status.parse().unwrap_or(200),
        body: Secret::new(body.into_owned()),
        retry_after: None,
        ..Response::default()
    }
}
