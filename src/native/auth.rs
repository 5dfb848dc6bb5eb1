//! [`Auth`], the API for native apps.

use std::fmt;
use std::sync::Arc;

use reqwest::{Method, Request, Response};
use serde::de::DeserializeOwned;
use tokio::sync::{oneshot, watch};

use super::api;
use super::driver::{Driver, Message, Start};
use super::options::Options;
use super::record::{Record, Report};
use super::sign_in::SignIn;
use super::store::Storage;
use crate::protocol::config::{Config, Provider, Restore};
use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;
use crate::protocol::secret::{AccessToken, Secret};
use crate::protocol::user_info::UserInfo;
use crate::session::{Answer, Input, Login, Logout, State, StoredSession};

/// Sign-in for one native app. Clones are handles to the same session, which ends in this process when the last one is
/// dropped. Its stored record stays, until a logout.
///
/// ```no_run
/// use wristband_spa_auth::native::{Auth, Options};
/// use wristband_spa_auth::{Config, Error, Login};
///
/// # async fn run() -> Result<(), Error> {
/// let config = Config::wristband("invotastic-acme.us.wristband.dev", "client-id", "http://127.0.0.1/callback")
///     .apis(["https://api.example/v1/"])
///     .build()?;
/// let auth = Auth::start(config, Options::new("com.example.invoices")).await?;
/// if auth.state().signed_in().is_none() {
///     auth.login(Login::to("acme")).await?;
/// }
/// println!("{}", auth.get("https://api.example/v1/me").await?.status());
/// auth.close().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Auth {
    handle: Arc<Handle>,
}

/// The result of a logout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogoutResult {
    /// Whether the browser was opened where the provider ends its own session. If not, that session may live on: the next
    /// login asks for the password.
    pub ends_provider_session: bool,
    /// Whether the storage has no record of the session. If it has, because it refuses every change, the next start would
    /// continue with it, unless the provider has revoked its refresh token: tell the user.
    pub record_removed: bool,
}

struct Handle {
    app_config: Config,
    driver: Arc<Driver>,
    sign_in: SignIn,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.driver.send(Message::Close(None));
    }
}

impl Auth {
    /// Starts the session of this app, and waits until it is known whether the user is signed in: at once if the storage has
    /// no record, without a request if the stored access token is valid, and after a renewal otherwise \[RFC 6749 §6]. If
    /// that fails because there is no network, the user is signed in all the same, and the renewal is tried again.
    ///
    /// The redirect URI is `http://127.0.0.1/callback`, whose port is chosen for each login \[RFC 8252 §7.3], or
    /// has a scheme of the app's own: `com.example.app:/callback` \[RFC 8252 §7.1].
    ///
    /// It has to be called within a runtime of tokio, with I/O and time.
    ///
    /// # Errors
    /// `config_invalid`, for options that a native app cannot have. A storage that does not work is no error: see
    /// [`storage`](Self::storage).
    pub async fn start(config: Config, options: Options) -> Result<Self, Error> {
        let invalid = |detail: &'static str| Error::with_detail(Code::ConfigInvalid, detail);
        tokio::runtime::Handle::try_current().map_err(|_| invalid("there is no runtime of tokio here"))?;
        options.check()?;
        if config.idle_logout().is_some() {
            return Err(invalid("idleLogout: for pages, whose users are seen; a native app logs out itself"));
        }
        // A browser window never opens without the user's doing.
        let app_config = config.clone();
        let config = config.changed(&[("restore", Restore::None.as_str().into())])?;
        let (record, stored, storage) = open_record(&options, &app_config).await;
        let report = Report::new(storage, options.on_warning.clone());
        let time_url = options.time_url.clone().or_else(|| time_url(&config));
        let driver = Driver::start(Start { config: config.clone(), record, report, time_url })?;
        let sign_in = SignIn::new(options.app, options.open_browser);
        let auth = Self { handle: Arc::new(Handle { app_config, driver, sign_in }) };
        let address = Secret::new(config.native_address());
        match stored {
            Some(stored) => auth.driver().restore(stored, address).await?,
            None => auth.driver().open(address).await?,
        };
        Ok(auth)
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.handle.app_config
    }

    /// Where the session is kept, and why it is in memory only if it is.
    pub fn storage(&self) -> Storage {
        self.driver().report.now()
    }

    /// Whether a user is signed in, and who.
    pub fn state(&self) -> State {
        self.driver().state().borrow().clone()
    }

    /// The state, now and after every change. It ends with the last handle.
    pub fn subscribe(&self) -> watch::Receiver<State> {
        self.driver().state()
    }

    /// Signs the user in: opens the system's browser \[OIDC Core §3.1.2.1, RFC 7636, RFC 8252], and waits until it has
    /// come back and the session has begun, at most ten minutes. Dropping the future, [`cancel_login`](Self::cancel_login)
    /// and another login end it.
    ///
    /// # Errors
    /// `aborted`; `timeout`; `tenant_invalid` without a tenant, at an application whose tenants have login pages of their
    /// own; `access_denied`, `id_token_…` and the errors of the requests; those of [`Options::open_browser`].
    pub async fn login(&self, login: Login) -> Result<(), Error> {
        self.handle.sign_in.login(self.driver(), login).await
    }

    /// Ends a login that waits for the browser. It fails with `aborted`.
    pub fn cancel_login(&self) {
        self.handle.sign_in.cancel();
    }

    /// Takes the URL that the system has handed to the app, for redirect URIs with a scheme of the app's own, and finishes
    /// the login. It has to be the process that has started the login: an app has to be the only instance of itself.
    ///
    /// # Errors
    /// `callback_invalid` for any other URL; `state_unknown` if this process has started no such login; the errors of
    /// [`login`](Self::login).
    pub async fn callback(&self, url: &str) -> Result<(), Error> {
        self.handle.sign_in.callback(self.driver(), url).await
    }

    /// Sends a request with the access token \[RFC 6750 §2.1, RFC 9449 §7.1], if its URL belongs to a listed API. After a
    /// 401, the token is renewed and the request is sent once more, if its body can be. Redirects are not followed.
    ///
    /// # Errors
    /// `address_not_listed`, `not_signed_in`, `api_redirected`, `insufficient_user_authentication` with what the API asks
    /// for \[RFC 9470], `network`, `timeout`, and the errors of a renewal.
    pub async fn fetch(&self, request: Request) -> Result<Response, Error> {
        api::fetch(self.driver(), request).await
    }

    /// [`fetch`](Self::fetch) for a plain `GET`.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch); `address_not_listed` also if `url` is not a URL.
    pub async fn get(&self, url: &str) -> Result<Response, Error> {
        self.fetch(Request::new(Method::GET, url.parse().map_err(|_| Error::new(Code::AddressNotListed))?)).await
    }

    /// Sends a `GET` request, and decodes the JSON of a response with a status of 200 to 299.
    ///
    /// # Errors
    /// As [`get`](Self::get); `api_refused` with the status of any other response; `api_response_invalid`, naming the
    /// member that is missing or has the wrong type.
    pub async fn get_json<T: DeserializeOwned>(&self, url: &str) -> Result<T, Error> {
        let response = self.get(url).await?;
        if !response.status().is_success() {
            return Err(Error::with_detail(Code::ApiRefused, format!("status {}", response.status().as_u16())));
        }
        let body = response.bytes().await.map_err(|_| Error::new(Code::Network).at(url))?;
        let invalid = |what: String| Error::with_detail(Code::ApiResponseInvalid, what);
        let value = Value::parse(&body).ok_or_else(|| invalid("not JSON".to_owned()))?;
        T::deserialize(&value).map_err(|error| invalid(error.to_string()))
    }

    /// Fetches the user info from the provider \[OIDC Core §5.3].
    ///
    /// # Errors
    /// `not_signed_in`, `user_info_invalid`, `user_info_subject`, and the errors of the request.
    pub async fn user_info(&self) -> Result<UserInfo, Error> {
        let session = self.driver().number();
        match self.driver().call(|call_id| Input::UserInfo { call_id, session }).await?.answer {
            Answer::UserInfo(user_info) => Ok(user_info),
            _ => Err(Code::UserInfoInvalid.into()),
        }
    }

    /// Renews the tokens now \[RFC 6749 §6]. The library does so automatically before they expire. If another process of the
    /// app has just renewed them, its tokens are taken instead.
    ///
    /// # Errors
    /// `not_signed_in`, `refresh_token_missing`, `invalid_grant`, `subject_changed`, `storage_unavailable` if another
    /// process holds the lock for too long, and the errors of the request. Of these, only `invalid_grant` and
    /// `subject_changed` end the session.
    pub async fn renew(&self) -> Result<(), Error> {
        let session = self.driver().number();
        self.driver().call(|call_id| Input::Renew { call_id, session }).await.map(drop)
    }

    /// The access token, renewed if necessary, for an app that opted in to reading it.
    ///
    /// # Errors
    /// `access_token_not_exposed`, `not_signed_in`, and the errors of a renewal.
    pub async fn access_token(&self) -> Result<AccessToken, Error> {
        if !self.config().expose_access_token() {
            return Err(Code::AccessTokenNotExposed.into());
        }
        let session = self.driver().number();
        let reply = self.driver().call(|call_id| Input::Token { call_id, session, api: None }).await;
        Ok(api::answered(reply)?.access_token)
    }

    /// Deletes the tokens and the stored record, revokes the refresh token \[RFC 7009], and opens the browser where the
    /// provider ends its own session. The other processes of the app are signed out at their next renewal.
    ///
    /// # Errors
    /// `config_invalid` if an option is too long. A request to the provider that fails does not prevent the logout, nor does
    /// a browser that does not open, or a storage that does not remove the record: [`LogoutResult`] tells.
    pub async fn logout(&self, logout: Logout) -> Result<LogoutResult, Error> {
        let reply = self.driver().call(|call_id| Input::Logout { call_id, logout: logout.clone() }).await?;
        let is_open = reply.navigation.is_some_and(|url| self.handle.sign_in.open(&url).is_ok());
        let ends = matches!(reply.answer, Answer::LoggedOut { ends_provider_session: true });
        if ends && !is_open {
            self.driver().note_logout_not_shown().await;
        }
        Ok(LogoutResult { ends_provider_session: ends && is_open, record_removed: !self.driver().has_record_left() })
    }

    /// Ends the session in this process: pending calls fail with `disposed`. The stored record stays, so the next start
    /// continues the session.
    ///
    /// A process that ends calls this first, and waits: if a renewal is under way, its new refresh token would be lost.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        self.driver().send(Message::Close(Some(done)));
        let _ = closed.await;
    }

    fn driver(&self) -> &Driver {
        &self.handle.driver
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("state", &self.state()).field("storage", &self.storage()).finish_non_exhaustive()
    }
}

/// The stored record, if there is a storage for it.
async fn open_record(options: &Options, config: &Config) -> (Option<Record>, Option<StoredSession>, Storage) {
    let opened = async {
        let mut record = Record::open(options, config).await?;
        let stored = record.load().await?;
        Ok::<_, Error>((record, stored))
    };
    match opened.await {
        Ok((record, stored)) => {
            let storage = Storage::Secure(record.describe());
            (Some(record), stored, storage)
        }
        Err(error) => (None, None, Storage::Memory(error)),
    }
}

/// The origin of the first listed API, unless that is the provider's.
fn time_url(config: &Config) -> Option<String> {
    let origin = config.apis().first()?.url().origin();
    let is_providers = match config.provider() {
        Provider::OpenId(provider) => provider.issuer().starts_with(&origin.to_string()),
        Provider::Wristband(application) => application.origin() == origin,
    };
    (!is_providers).then(|| format!("{origin}/"))
}
