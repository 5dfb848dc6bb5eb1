use wristband_spa_auth::leptos::{SignedIn, SignedOut};
use wristband_spa_auth::{State, UserSession};
fn main() {}
