//! The stored record of a session, which the processes of a native app share.

use wristband_spa_auth::protocol::config::Config;
use wristband_spa_auth::protocol::dpop::KeyId;
use wristband_spa_auth::protocol::error::{Code, Error};
use wristband_spa_auth::protocol::secret::{Nonce, Secret};
use wristband_spa_auth::session::{StoredKey, StoredSession};

#[derive(Default)]
pub struct Record {
    pub text: Option<String>,
    /// Nothing can be saved.
    pub is_full: bool,
    /// Another process does not give the lock back.
    pub is_busy: bool,
    pub is_locked: bool,
    pub saves: usize,
}

impl Record {
    pub fn save(&mut self, session: StoredSession, key: Option<KeyId>, config: &Config) -> bool {
        if self.is_full {
            return false;
        }
        self.saves += 1;
        let key = key.map(|key| StoredKey { algorithm: key.algorithm(), private: Secret::new("the key".to_owned()) });
        self.text = Some(session.with_key(key).to_text(&config.digest()).expose().to_owned());
        true
    }

    pub fn read(&self, config: &Config) -> Option<StoredSession> {
        StoredSession::from_text(&Secret::new(self.text.clone()?), config, &config.digest())
    }

    pub fn lock(&mut self, config: &Config) -> Result<Option<StoredSession>, Error> {
        assert!(!self.is_locked, "the lock was taken twice");
        if self.is_busy {
            return Err(Code::StorageUnavailable.into());
        }
        self.is_locked = true;
        Ok(self.read(config))
    }

    /// Removes the record of this login.
    pub fn forget(&mut self, login: &Nonce, config: &Config) -> Option<StoredSession> {
        let stored = self.read(config);
        if stored.as_ref().is_none_or(|stored| stored.is_of(login)) {
            self.text = None;
            return stored;
        }
        None
    }

    pub fn unlock(&mut self) {
        assert!(std::mem::take(&mut self.is_locked), "a lock was given back that was not taken");
    }
}
