use wristband_spa_auth::{Auth, Error};
#[derive(serde::Deserialize)]
struct Me {
    email: String,
}
async fn me(auth: &Auth) -> Result<Me, Error> {
    Ok(auth.get("https://api.example/v1/me").await?.json::<Me>().await.unwrap())
}
fn main() {}
