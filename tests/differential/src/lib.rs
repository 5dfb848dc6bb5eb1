//! Two verdicts on the same ID tokens: this library's and that of the `openidconnect` crate.
//!
//! [`draft`] and [`edits`] make tokens that are valid or invalid in every known way,
//! [`judges`] asks both, and [`differences`] explains where they disagree.

/// The random generator of the fuzz targets.
#[path = "../../../fuzz/src/chance.rs"]
pub mod chance;
pub mod differences;
pub mod draft;
pub mod edits;
pub mod judges;
#[path = "../../support/keys.rs"]
pub mod keys;
