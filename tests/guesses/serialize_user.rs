#[derive(serde::Serialize)]
struct Cache {
    user: wristband_spa_auth::UserInfo,
    state: String,
}
fn main() {}
