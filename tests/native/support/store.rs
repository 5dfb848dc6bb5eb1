//! A storage that outlives an app, and fails when it is told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use wristband_spa_auth::native::{Memory, SecretStore};
use wristband_spa_auth::protocol::error::{Code, Error};
use wristband_spa_auth::protocol::secret::Secret;

#[derive(Clone, Default)]
pub struct Shared(Arc<Inner>);

#[derive(Default)]
struct Inner {
    memory: Memory,
    name: std::sync::Mutex<Option<String>>,
    cannot_load: AtomicBool,
    cannot_remove: AtomicBool,
    cannot_save: AtomicBool,
    is_saving: AtomicBool,
    saves: AtomicUsize,
}

impl Shared {
    pub fn cannot_load(&self, fails: bool) {
        self.0.cannot_load.store(fails, Ordering::SeqCst);
    }

    pub fn cannot_remove(&self, fails: bool) {
        self.0.cannot_remove.store(fails, Ordering::SeqCst);
    }

    pub fn cannot_save(&self, fails: bool) {
        self.0.cannot_save.store(fails, Ordering::SeqCst);
    }

    /// Another process is saving: the next one that reads the record sees half of it.
    pub fn is_saving(&self) {
        self.0.is_saving.store(true, Ordering::SeqCst);
    }

    pub fn saves(&self) -> usize {
        self.0.saves.load(Ordering::SeqCst)
    }

    /// The record.
    pub fn text(&self) -> Option<String> {
        let name = self.0.name.lock().unwrap().clone()?;
        self.0.memory.load(&name).unwrap().map(|secret| secret.expose().to_owned())
    }

    pub fn put(&self, text: &str) {
        let name = self.0.name.lock().unwrap().clone().unwrap();
        self.0.memory.save(&name, &Secret::new(text.to_owned())).unwrap();
    }

    /// The record is lost.
    pub fn forget(&self) {
        let name = self.0.name.lock().unwrap().clone().unwrap();
        self.0.memory.remove(&name).unwrap();
    }

    fn check(flag: &AtomicBool) -> Result<(), Error> {
        if flag.load(Ordering::SeqCst) { Err(Code::StorageUnavailable.into()) } else { Ok(()) }
    }
}

impl SecretStore for Shared {
    fn name(&self) -> String {
        "shared".to_owned()
    }

    fn load(&self, name: &str) -> Result<Option<Secret>, Error> {
        Self::check(&self.0.cannot_load)?;
        // The other entry has no secret.
        if !name.ends_with("-ask") {
            *self.0.name.lock().unwrap() = Some(name.to_owned());
        }
        let record = self.0.memory.load(name)?;
        let is_half = self.0.is_saving.swap(false, Ordering::SeqCst);
        Ok(record.map(|record| if is_half { Secret::new(record.expose()[1..].to_owned()) } else { record }))
    }

    fn save(&self, name: &str, secret: &Secret) -> Result<(), Error> {
        Self::check(&self.0.cannot_save)?;
        self.0.saves.fetch_add(1, Ordering::SeqCst);
        self.0.memory.save(name, secret)
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        Self::check(&self.0.cannot_save)?;
        Self::check(&self.0.cannot_remove)?;
        self.0.memory.remove(name)
    }
}
