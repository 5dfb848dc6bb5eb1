//! Randomness from the operating system.

use aws_lc_rs::rand;

use crate::protocol::error::{Code, Error};
use crate::protocol::secret::Entropy;

/// The random bytes for one login.
pub(super) fn entropy() -> Result<Entropy, Error> {
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

fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    rand::fill(bytes).map_err(|_| Error::with_detail(Code::InsecureContext, "the system has no source of randomness"))
}
