//! The platform's real storages, where they are to be had.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use wristband_spa_auth::native::Platform;

use super::Folder;

/// A session bus of one test, with GNOME Keyring on it.
pub struct SecretService {
    processes: Vec<Child>,
    folder: Folder,
    address: String,
}

impl SecretService {
    /// `None` if a program is missing.
    pub fn start() -> Option<Self> {
        let folder = Folder::new();
        let address = format!("unix:path={}", folder.path().join("bus").display());
        let mut bus = Command::new("dbus-daemon");
        bus.args(["--session", "--nofork", "--print-address", "--address", &address]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut bus = bus.spawn().ok()?;
        let mut ready = String::new();
        BufReader::new(bus.stdout.as_mut()?).read_line(&mut ready).ok()?;
        let mut service = Self { processes: vec![bus], folder, address };
        let mut keyring = Command::new("gnome-keyring-daemon");
        keyring.args(["--foreground", "--unlock", "--components=secrets"]).envs(service.environment());
        let mut keyring = keyring.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        // It unlocks its keyring with the password that it reads up to the end.
        keyring.stdin.take()?.write_all(b"of this test").ok()?;
        let mut ready = String::new();
        BufReader::new(keyring.stdout.as_mut()?).read_line(&mut ready).ok()?;
        service.processes.push(keyring);
        Some(service)
    }

    pub fn environment(&self) -> Vec<(String, String)> {
        let folder = self.folder.path().display().to_string();
        let names = ["HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"].map(|name| (name.to_owned(), folder.clone()));
        names.into_iter().chain([("DBUS_SESSION_BUS_ADDRESS".to_owned(), self.address.clone())]).collect()
    }

    /// What it has on disk.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    pub fn bus(&self) -> (String, String) {
        ("DBUS_SESSION_BUS_ADDRESS".to_owned(), self.address.clone())
    }
}

impl Drop for SecretService {
    fn drop(&mut self) {
        for process in self.processes.iter_mut().rev() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Whether the kernel has a keyring for this process.
pub fn has_keyutils() -> bool {
    cfg!(target_os = "linux") && Platform::of_kind("com.example.probe", "keyutils").is_ok()
}
