//! The kernel's keyring of this user, where there is no desktop (keyrings(7)).
//!
//! The persistent keyring is used: it outlives the user's last process, for three days without access by default, and is
//! lost when the machine restarts. A kernel that has none has the keyring of the user instead. Neither needs a login
//! session with a keyring of its own, which a tool in a container or a service does not have.

use linux_keyutils::{KeyError, KeyRing, KeyRingIdentifier};

/// The keyring. This thread possesses it from now on, as is needed to read from it.
fn keyring() -> Result<KeyRing, KeyError> {
    KeyRing::get_persistent(KeyRingIdentifier::Thread).or_else(|_| {
        let user = KeyRing::from_special_id(KeyRingIdentifier::User, true)?;
        KeyRing::from_special_id(KeyRingIdentifier::Thread, true)?.link_keyring(user)?;
        Ok(user)
    })
}

/// The secret with this description.
pub(super) fn get(description: &str) -> Result<Option<Vec<u8>>, KeyError> {
    match keyring()?.search(description).and_then(|key| key.read_to_vec()) {
        Ok(secret) => Ok(Some(secret)),
        Err(error) if is_absent(error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Keeps a secret in place of the one with the same description.
pub(super) fn set(description: &str, secret: &[u8]) -> Result<(), KeyError> {
    keyring()?.add_key(description, secret).map(drop)
}

/// Removes the secret with this description. Returns whether there was one.
pub(super) fn remove(description: &str) -> Result<bool, KeyError> {
    match keyring()?.search(description).and_then(|key| key.invalidate()) {
        Ok(()) => Ok(true),
        Err(error) if is_absent(error) => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_absent(error: KeyError) -> bool {
    matches!(error, KeyError::KeyDoesNotExist | KeyError::KeyExpired | KeyError::KeyRevoked)
}
