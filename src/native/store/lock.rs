//! The lock that all processes of an app share. Whoever holds it may renew the session.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::unavailable;
use crate::protocol::error::Error;

/// How often a process that waits looks again. The system tells nobody when a file is unlocked.
const INTERVAL: Duration = Duration::from_millis(20);

/// A file that is empty, and is locked.
#[derive(Clone, Debug)]
pub(crate) struct LockFile(PathBuf);

/// The lock, until it is dropped. The system drops it when the process ends.
#[derive(Debug)]
pub(crate) struct Guard(#[expect(dead_code, reason = "open, it is locked")] File);

impl LockFile {
    /// The lock of the record with this name. The folder is made if necessary.
    ///
    /// # Errors
    /// `storage_unavailable`, if there is no folder for it.
    pub(crate) fn new(folder: Option<&Path>, name: &str) -> Result<Self, Error> {
        let folder = folder.map(Path::to_path_buf).or_else(user_folder);
        let folder = folder.ok_or_else(|| unavailable("the user has no folder for a lock file"))?;
        let file = Self(folder.join(format!("{name}.lock")));
        make_folder(&folder).and_then(|()| file.open().map(drop)).map_err(|error| file.failed(&error))?;
        Ok(file)
    }

    /// Waits for the lock.
    ///
    /// # Errors
    /// `storage_unavailable`, if another process holds it for so long.
    pub(crate) async fn take(&self, limit: Duration) -> Result<Guard, Error> {
        let file = self.open().map_err(|error| self.failed(&error))?;
        let wait = async {
            loop {
                // By its full name: newer versions of the standard library have another function of this name.
                match fs4::FileExt::try_lock(&file) {
                    Ok(()) => return Ok(()),
                    Err(fs4::TryLockError::WouldBlock) => tokio::time::sleep(INTERVAL).await,
                    Err(fs4::TryLockError::Error(error)) => return Err(self.failed(&error)),
                }
            }
        };
        match tokio::time::timeout(limit, wait).await {
            Ok(taken) => taken.map(|()| Guard(file)),
            Err(_) => Err(unavailable("another process of the app has held the lock for too long")),
        }
    }

    fn open(&self) -> std::io::Result<File> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.0)
    }

    fn failed(&self, error: &std::io::Error) -> Error {
        unavailable(format!("the lock file {}: {error}", self.0.display()))
    }
}

fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A folder that belongs to the user alone.
fn user_folder() -> Option<PathBuf> {
    const OWN: &str = "wristband-spa-auth";
    let from = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if cfg!(windows) {
        return Some(from("LOCALAPPDATA")?.join(OWN));
    }
    if cfg!(target_os = "macos") {
        return Some(from("HOME")?.join("Library/Application Support").join(OWN));
    }
    let state = || from("XDG_STATE_HOME").or_else(|| Some(from("HOME")?.join(".local/state")));
    Some(from("XDG_RUNTIME_DIR").filter(|folder| folder.is_dir()).or_else(state)?.join(OWN))
}
