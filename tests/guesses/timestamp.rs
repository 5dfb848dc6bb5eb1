use wristband_spa_auth::{Timestamp, UserSession};
// Not `expires_at - Date::now()`: a number of JavaScript has no unit.
fn minutes_left(session: &UserSession, now: Timestamp) -> Option<u64> {
    Some((session.expires_at? - now).as_secs() / 60)
}
fn label(session: &UserSession) -> Option<String> {
    Some(format!("until {}", session.expires_at?))
}
fn main() {}
