//! Randomness from the browser's cryptographically secure source.

use crate::protocol::base64url::base64url;
use crate::protocol::error::{Code, Error};
use crate::protocol::secret::Entropy;

/// The random bytes for one login.
pub(crate) fn entropy() -> Result<Entropy, Error> {
    let mut bytes = [0; Entropy::LENGTH];
    fill(&mut bytes)?;
    Ok(Entropy::new(bytes))
}

/// A seed for what need not be secret.
pub(super) fn seed() -> Result<u64, Error> {
    let mut bytes = [0; 8];
    fill(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

/// A unique name: 128 random bits.
pub(crate) fn name() -> Result<String, Error> {
    let mut bytes = [0; 16];
    fill(&mut bytes)?;
    Ok(base64url(&bytes))
}

fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|_| Error::new(Code::InsecureContext))
}
