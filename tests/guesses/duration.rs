use std::time::Duration;
use wristband_spa_auth::Config;
fn main() {
    let _ = Config::openid("https://id.example", "a", "b").linger(Duration::from_secs(10)).build();
}
