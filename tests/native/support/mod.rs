//! The local provider, a browser, and apps that use them.
#![allow(dead_code, unreachable_pub)]

pub mod app;
pub mod browser;
pub mod command;
pub mod folder;
pub mod http;
pub mod platform;
pub mod provider;
pub mod store;

pub use app::App;
pub use browser::Browser;
pub use folder::Folder;
pub use provider::LocalProvider;

/// The user whom the provider knows, and the password.
pub const ADA: (&str, &str) = ("ada@acme.example", "lovelace");
