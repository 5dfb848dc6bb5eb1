use wristband_spa_auth::{Config, ConfigBuilder, Error};
fn load(text: &str) -> Result<Config, Error> {
    text.parse::<ConfigBuilder>()?.build()
}
fn main() {}
