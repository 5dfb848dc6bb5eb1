//! Memory as a storage, which ends with the process.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::SecretStore;
use crate::protocol::error::Error;
use crate::protocol::secret::Secret;

/// A storage that ends with the process, for tests, and for apps whose sessions must not outlive it.
#[derive(Default)]
pub struct Memory(Mutex<Vec<(String, Secret)>>);

impl Memory {
    /// An empty storage.
    pub fn new() -> Self {
        Self::default()
    }

    fn list(&self) -> std::sync::MutexGuard<'_, Vec<(String, Secret)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

impl SecretStore for Memory {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn load(&self, name: &str) -> Result<Option<Secret>, Error> {
        Ok(self.list().iter().find(|(other, _)| other == name).map(|(_, secret)| secret.clone()))
    }

    fn save(&self, name: &str, secret: &Secret) -> Result<(), Error> {
        self.remove(name)?;
        self.list().push((name.to_owned(), secret.clone()));
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        self.list().retain(|(other, _)| other != name);
        Ok(())
    }
}
