use leptos::prelude::*;
use wristband_spa_auth::Config;
use wristband_spa_auth::leptos::{AuthProvider, AuthProviderProps};
fn app(config: Config) -> impl IntoView {
    AuthProvider(AuthProviderProps::builder().config(config).children(ToChildren::to_children(|| "x")).build())
}
fn main() {}
