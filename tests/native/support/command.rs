//! The command-line tool of the example, as a process of its own.

use std::path::PathBuf;
use std::process::{Output, Stdio};

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use super::{ADA, Browser, Folder, LocalProvider};

pub struct Cli {
    pub home: Folder,
    pub environment: Vec<(String, String)>,
    settings: PathBuf,
    store: String,
    app: String,
}

/// `cargo test` builds it next to the tests.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().unwrap().parent().unwrap().join("examples").join(format!("cli{}", std::env::consts::EXE_SUFFIX));
    assert!(program.exists(), "{} is missing: run `cargo build --features native --example cli`", program.display());
    program
}

impl Cli {
    pub fn new(provider: &LocalProvider, store: &str, app: &str) -> Self {
        let home = Folder::new();
        let settings = home.write("settings.json", &provider.settings().to_string());
        Self { home, environment: Vec::new(), settings, store: store.to_owned(), app: app.to_owned() }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.arg("--settings").arg(&self.settings).args(["--app", &self.app]);
        if !self.store.is_empty() {
            command.args(["--store", &self.store]);
        }
        let home = self.home.path();
        command.args(words).env_clear().env("HOME", home).env("XDG_STATE_HOME", home.join("state")).env("RUST_BACKTRACE", "1");
        command.envs(self.environment.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    pub async fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().await.unwrap()
    }

    /// What it prints, if it succeeds.
    pub async fn succeeds(&self, words: &[&str]) -> String {
        let output = self.run(words).await;
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it complains about, if it fails.
    pub async fn fails(&self, words: &[&str]) -> String {
        let output = self.run(words).await;
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Signs in with Chromium. Returns what the last page and the tool say; `None` if there is no Chromium, or nothing to
    /// drive it.
    pub async fn login_in_chromium(&self) -> Option<(String, String)> {
        let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
        let tests = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests"));
        if !PathBuf::from(&chromium).exists() || !tests.join("e2e/node_modules/playwright-core").exists() {
            return None;
        }
        let mut process = self.command(&["--print-url", "login", "acme"]).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = lines.next_line().await.unwrap().unwrap();
        let mut browser = Command::new("node");
        browser.arg(tests.join("native/browser.mjs")).args([&chromium, url.strip_prefix("Open ").unwrap(), ADA.0, ADA.1]);
        let shown = browser.kill_on_drop(true).output().await.unwrap();
        assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
        let mut printed = String::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            printed += &line;
            printed.push('\n');
        }
        assert!(process.wait().await.unwrap().success());
        Some((String::from_utf8(shown.stdout).unwrap(), printed))
    }

    /// Signs in with this browser. Returns what the tool prints after the URL, and on standard error.
    pub async fn login(&self, tenant: Option<&str>, browser: &mut Browser) -> (String, String) {
        let mut words = vec!["--print-url", "login"];
        words.extend(tenant);
        let mut process = self.command(&words).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = lines.next_line().await.unwrap().unwrap_or_default();
        let page = browser.sign_in(url.strip_prefix("Open ").unwrap_or_else(|| panic!("no URL: {url}")), ADA).await;
        assert_eq!(page.status, 200);
        let mut printed = String::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            printed += &line;
            printed.push('\n');
        }
        let output = process.wait_with_output().await.unwrap();
        let complained = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "login: {complained}");
        (printed, complained)
    }
}
