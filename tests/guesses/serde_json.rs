use serde::Deserialize;
use wristband_spa_auth::UserSession;
#[derive(Deserialize)]
struct Claims {
    email: String,
}
// Not `serde_json::from_value(session.claims.clone())`: the claims are a type of the library's own.
fn claims(session: &UserSession) -> Option<Claims> {
    session.claims_as().ok()
}
fn main() {}
