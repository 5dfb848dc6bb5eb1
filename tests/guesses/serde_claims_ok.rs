use serde::Deserialize;
use wristband_spa_auth::UserSession;
#[derive(serde::Deserialize)]
struct Claims {
    email: String,
}
fn claims(session: &UserSession) -> Claims {
    Claims::deserialize(&session.claims).unwrap()
}
fn main() {}
