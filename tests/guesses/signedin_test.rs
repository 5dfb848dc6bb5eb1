use std::sync::Arc;
use wristband_spa_auth::State;
use wristband_spa_auth::testing::signed_in;
// Not `UserSession { user_id: …, ..Default::default() }`: outside of tests, only the library makes one.
fn fake() -> State {
    State::SignedIn(Arc::new(signed_in("ada")))
}
fn main() {}
