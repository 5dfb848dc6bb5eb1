//! The standards, as values and pure functions: about one file per standard.
//!
//! Nothing here reads a clock, generates random numbers, opens a connection or calls JavaScript.
//! A request is a value that the driver sends. A response is parsed here, and what a parser
//! returns can be trusted from then on.

pub mod authorize;
pub(crate) mod base64url;
pub mod callback;
pub mod challenge;
pub mod config;
pub mod dpop;
pub mod error;
pub(crate) mod form;
pub mod http;
pub mod id_token;
pub mod json;
pub mod jwks;
pub mod logout;
pub mod metadata;
pub(crate) mod options;
pub mod par;
pub mod parameters;
pub(crate) mod path;
pub mod pkce;
pub mod revoke;
pub mod secret;
pub mod tenant;
pub mod time;
pub mod token;
pub mod url;
pub mod user_info;
