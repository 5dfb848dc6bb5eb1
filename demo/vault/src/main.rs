//! The worker in which the demo keeps its session.

fn main() {
    wristband_spa_auth::vault::serve();
}
