//! A small simulated world: a provider, a device with its clocks and its storage, and a user.
//!
//! [`World`] drives a real [`Session`](wristband_spa_auth::session::Session) and performs each of
//! its effects: a test acts, and then asserts what happened.
#![allow(dead_code, missing_docs, unnameable_types, unreachable_pub, unused_imports)]
#![allow(clippy::exhaustive_enums, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

pub mod address;
pub mod clock;
pub mod history;
pub mod id_token;
pub mod keys;
pub mod orders;
pub mod proofs;
pub mod provider;
#[cfg(feature = "native")]
pub mod record;
pub mod seen;
pub mod storage;
pub mod token_endpoint;
pub mod vault_keys;
pub mod vectors;
#[path = "../states/view.rs"]
pub mod view;
pub mod world;

pub use address::Address;
pub use history::{Event, Sent};
pub use id_token::Draft;
pub use provider::{Endpoint, Fault, Provider};
pub use world::World;

use core::time::Duration;
use wristband_spa_auth::protocol::config::{Config, ConfigBuilder};

pub const APP: &str = "https://app.example/";
pub const CALLBACK: &str = "https://app.example/callback";
pub const CLIENT: &str = "spa-client";
pub const ISSUER: &str = "https://id.example/realm";
pub const VANITY: &str = "app-org.us.wristband.dev";

/// The settings of an ordinary app on Wristband.
pub fn wristband() -> ConfigBuilder {
    Config::wristband(VANITY, CLIENT, CALLBACK)
}

/// The settings of an app on any other OpenID provider.
pub fn open_id() -> ConfigBuilder {
    Config::openid(ISSUER, CLIENT, CALLBACK)
}

/// The settings of an app with a subdomain for each tenant.
pub fn subdomains() -> ConfigBuilder {
    Config::wristband(VANITY, CLIENT, "https://{tenant_name}.app.example/callback")
        .login_url("https://{tenant_name}.app.example/login")
        .tenant_from_root_domain("app.example")
}

pub const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
