//! The lock that all processes of an app share. Whoever holds it may renew the session.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::unavailable;
use crate::protocol::error::Error;

/// How often a process that waits looks again. The system tells nobody when a file is unlocked.
const INTERVAL: Duration = Duration::from_millis(20);

/// A file that is empty, and is locked.
#[derive(Clone, Debug)]
pub(crate) struct LockFile(PathBuf);

/// The lock, until its last clone is dropped. The system drops it when the process ends.
#[derive(Clone, Debug)]
pub(crate) struct Guard(#[expect(dead_code, reason = "open, it is locked")] Arc<File>);

impl LockFile {
    /// The lock of the record with this name. The folder is made if necessary.
    ///
    /// # Errors
    /// `storage_unavailable`, if there is no folder for it.
    pub(crate) fn new(folder: Option<&Path>, name: &str) -> Result<Self, Error> {
        let of_system = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let folder = folder.map(Path::to_path_buf).or_else(|| user_folder(of_system));
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
        let wait = async {
            loop {
                if let Some(guard) = self.try_take().map_err(|error| self.failed(&error))? {
                    return Ok(guard);
                }
                tokio::time::sleep(INTERVAL).await;
            }
        };
        let too_long = || unavailable("another process of the app has held the lock for too long");
        tokio::time::timeout(limit, wait).await.unwrap_or_else(|_| Err(too_long()))
    }

    /// `None` if another process has the lock. The file is opened anew each time, and its folder made if necessary:
    /// somebody may have cleaned up since, and the lock of a file that nobody else can open keeps nobody out.
    fn try_take(&self) -> std::io::Result<Option<Guard>> {
        if let Some(folder) = self.0.parent() {
            make_folder(folder)?;
        }
        let file = self.open()?;
        // By its full name: newer versions of the standard library have another function of this name.
        match fs4::FileExt::try_lock(&file) {
            Ok(()) => Ok(is_at(&file, &self.0).then(|| Guard(Arc::new(file)))),
            Err(fs4::TryLockError::WouldBlock) => Ok(None),
            Err(fs4::TryLockError::Error(error)) => Err(error),
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

/// Whether the path still leads to this file, which others open.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let identity = |data: &fs::Metadata| (data.dev(), data.ino());
    matches!((file.metadata(), fs::metadata(path)), (Ok(own), Ok(other)) if identity(&own) == identity(&other))
}

/// The folder is one that the system does not clean.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A folder that belongs to the user alone, and is the same for every process of the user, as the record is. The runtime
/// folder of a login session is not: a service has none, and it is removed at the last logout.
fn user_folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    const OWN: &str = "wristband-spa-auth";
    let from = |name: &str| variable(name).filter(|path| path.is_absolute());
    if cfg!(windows) {
        return Some(from("LOCALAPPDATA")?.join(OWN));
    }
    if cfg!(target_os = "macos") {
        return Some(from("HOME")?.join("Library/Application Support").join(OWN));
    }
    Some(from("XDG_STATE_HOME").or_else(|| Some(from("HOME")?.join(".local/state")))?.join(OWN))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    const AT_ONCE: Duration = Duration::from_millis(100);

    fn lock(test: &str) -> (PathBuf, LockFile) {
        let folder = std::env::temp_dir().join(format!("wristband-lock-{test}-{}", std::process::id()));
        let lock = LockFile::new(Some(&folder), "record").unwrap();
        (folder, lock)
    }

    #[test]
    #[cfg(all(unix, not(target_os = "macos")))]
    fn law_2_the_lock_is_in_one_place_for_all_processes_of_a_user() {
        let variable = |has_runtime_folder: bool| {
            move |name: &str| match name {
                "HOME" => Some(PathBuf::from("/home/ada")),
                "XDG_RUNTIME_DIR" => has_runtime_folder.then(std::env::temp_dir),
                _ => None,
            }
        };
        let (of_desktop, of_service) = (user_folder(variable(true)), user_folder(variable(false)));
        assert_eq!(of_desktop, of_service);
        assert_eq!(of_service.unwrap(), Path::new("/home/ada/.local/state/wristband-spa-auth"));
    }

    #[tokio::test]
    async fn law_11_a_folder_that_was_removed_is_made_again() {
        let (folder, lock) = lock("folder");
        fs::remove_dir_all(&folder).unwrap();
        let guard = lock.take(AT_ONCE).await.unwrap();
        assert!(lock.take(AT_ONCE).await.is_err());
        drop(guard);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[tokio::test]
    #[cfg(unix)]
    async fn law_2_the_lock_of_a_file_that_is_no_longer_there_is_not_taken() {
        let (folder, lock) = lock("file");
        let first = lock.take(AT_ONCE).await.unwrap();
        let waiting = lock.take(Duration::from_secs(10));
        let cleaned = async {
            tokio::time::sleep(AT_ONCE).await;
            fs::remove_file(&lock.0).unwrap();
            drop(first);
        };
        let (second, ()) = tokio::join!(waiting, cleaned);
        assert!(second.is_ok() && lock.take(AT_ONCE).await.is_err(), "the others have to wait for it");
        fs::remove_dir_all(&folder).unwrap();
    }
}
