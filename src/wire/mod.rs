//! The messages of the port between a page and its vault.
//!
//! `message` reads what a page sends, `encode` writes what the vault sends, `decode` reads that in the page.
//! The page's TypeScript has the same names in `pkg/ts/client/messages.ts`.

pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod message;
mod name;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

pub(crate) use name::{VERSION, parse, vault_name};
