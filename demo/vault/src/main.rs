//! The worker that holds the demo's session.

fn main() {
    wristband_spa_auth::server::serve();
}
