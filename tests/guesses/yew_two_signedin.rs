use wristband_spa_auth::UserSession as _;
use wristband_spa_auth::yew::{SignedIn, SignedOut};
use wristband_spa_auth::{State, UserSession};
fn main() {}
