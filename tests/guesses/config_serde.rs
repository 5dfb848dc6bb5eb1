use wristband_spa_auth::Config;
#[derive(serde::Deserialize)]
struct Settings {
    auth: Config,
    theme: String,
}
fn main() {}
