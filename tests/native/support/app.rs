//! A native app whose user signs in when the browser opens.

use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;
use wristband_spa_auth::native::{Auth, Options};
use wristband_spa_auth::protocol::error::Error;
use wristband_spa_auth::{Config, Login};

use super::http::Answer;
use super::store::Shared;
use super::{ADA, Browser, Folder, LocalProvider};

pub struct App {
    pub auth: Auth,
    pub store: Shared,
    pub warnings: Arc<Mutex<Vec<String>>>,
    /// The URLs that were opened.
    pub opened: mpsc::UnboundedReceiver<String>,
    pub browser: Browser,
    pub folder: Arc<Folder>,
    login: Login,
}

impl App {
    /// An app that has never been started.
    pub async fn new(provider: &LocalProvider) -> Self {
        Self::with(provider, provider.config()).await
    }

    pub async fn with(provider: &LocalProvider, config: Config) -> Self {
        Self::start(provider, config, Shared::default(), Arc::new(Folder::new())).await
    }

    pub async fn start(provider: &LocalProvider, config: Config, store: Shared, folder: Arc<Folder>) -> Self {
        let (opened, warnings, options) = options(&folder);
        let auth = Auth::start(config, options.store(store.clone())).await.unwrap();
        let login = if provider.plain { Login::new() } else { Login::to("acme") };
        Self { auth, store, warnings, opened, browser: Browser::default(), folder, login }
    }

    /// The process ends, and the app is started again.
    pub async fn restart(self, provider: &LocalProvider) -> Self {
        let config = self.auth.config().clone();
        self.restart_with(provider, config).await
    }

    pub async fn restart_with(self, provider: &LocalProvider, config: Config) -> Self {
        let Self { auth, store, browser, folder, .. } = self;
        auth.close().await;
        drop(auth);
        Self { browser, ..Self::start(provider, config, store, folder).await }
    }

    /// Another process of the app, as far as one test can have it.
    pub async fn another(&self, provider: &LocalProvider) -> Self {
        Self::start(provider, self.auth.config().clone(), self.store.clone(), Arc::clone(&self.folder)).await
    }

    pub fn login(&self) -> Login {
        self.login.clone()
    }

    /// The user signs in. Returns the page that the browser shows at the end.
    pub async fn sign_in(&mut self) -> (Result<(), Error>, Answer) {
        let login = self.login();
        self.sign_in_with(login).await
    }

    pub async fn sign_in_with(&mut self, login: Login) -> (Result<(), Error>, Answer) {
        let (opened, browser) = (&mut self.opened, &mut self.browser);
        let user = async {
            let url = opened.recv().await.unwrap();
            browser.sign_in(&url, ADA).await
        };
        tokio::join!(self.auth.login(login), user)
    }

    /// An app whose user is signed in.
    pub async fn signed_in(provider: &LocalProvider) -> Self {
        Self::new(provider).await.into_signed_in().await
    }

    pub async fn into_signed_in(mut self) -> Self {
        let (result, page) = self.sign_in().await;
        result.unwrap();
        assert_eq!(page.status, 200);
        self
    }

    pub fn state(&self) -> &'static str {
        self.auth.state().name()
    }
}

type Opened = mpsc::UnboundedReceiver<String>;

pub fn options(folder: &Folder) -> (Opened, Arc<Mutex<Vec<String>>>, Options) {
    let (sender, opened) = mpsc::unbounded_channel();
    let warnings = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&warnings);
    let options = Options::new("com.example.test")
        .lock_folder(folder.path())
        .on_warning(move |error| heard.lock().unwrap().push(error.to_string()))
        .open_browser(move |url| {
            let _ = sender.send(url.to_owned());
            Ok(())
        });
    (opened, warnings, options)
}
