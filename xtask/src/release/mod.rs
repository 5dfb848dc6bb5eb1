//! What a release consists of, and what is checked before one.

pub(crate) mod audit;
pub(crate) mod crates;
pub(crate) mod pack;
pub(crate) mod reproduce;
pub(crate) mod sbom;
