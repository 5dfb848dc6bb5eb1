//! A login in the system's browser, and how it comes back \[RFC 8252].

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};

use super::driver::{Driver, Message, Reply};
use super::loopback::{Loopback, Page};
use super::options::OpenBrowser;
use super::random;
use crate::protocol::config::NativeRedirect;
use crate::protocol::error::{Code, Error};
use crate::protocol::form;
use crate::protocol::secret::Secret;
use crate::session::{Answer, Input, Login};

/// How long the user may take at the provider.
const LOGIN_TIMEOUT: Duration = Duration::from_secs(10 * 60);

/// The logins of one app. One at a time is pending.
pub(super) struct SignIn {
    /// The name that the last page shows.
    app: String,
    cancel: Notify,
    open_browser: OpenBrowser,
    turn: tokio::sync::Mutex<()>,
    /// The login that waits for a URL that the system hands to the app.
    waiting: Mutex<Option<Waiting>>,
}

struct Waiting {
    result: oneshot::Sender<Result<(), Error>>,
    state: String,
}

/// A login that is pending, and the URL that the browser is to open.
struct Begun {
    state: String,
    url: Secret,
}

impl SignIn {
    pub(super) fn new(app: String, open_browser: OpenBrowser) -> Self {
        Self { app, cancel: Notify::new(), open_browser, turn: tokio::sync::Mutex::default(), waiting: Mutex::default() }
    }

    /// Ends the login that waits for its callback.
    pub(super) fn cancel(&self) {
        self.cancel.notify_waiters();
    }

    /// Opens a URL in the system's browser.
    pub(super) fn open(&self, url: &Secret) -> Result<(), Error> {
        (self.open_browser)(url.expose())
    }

    /// Signs the user in. A login that waits is canceled.
    pub(super) async fn login(&self, driver: &Driver, login: Login) -> Result<(), Error> {
        self.cancel();
        let _turn = self.turn.lock().await;
        let canceled = self.cancel.notified();
        // Also if the caller drops this future: the callback of a login that nobody waits for signs nobody in.
        let _end = EndOfLogin(driver);
        tokio::select! {
            done = tokio::time::timeout(LOGIN_TIMEOUT, self.login_now(driver, login)) => {
                done.unwrap_or_else(|_| Err(Error::with_detail(Code::Timeout, "nobody signed in within ten minutes")))
            }
            () = canceled => Err(Code::Aborted.into()),
        }
    }

    async fn login_now(&self, driver: &Driver, login: Login) -> Result<(), Error> {
        match driver.config.native_redirect() {
            NativeRedirect::Loopback { v6, port, path } => {
                let server = Loopback::bind(v6, port, &path).await?;
                driver.redirect_to(driver.config.changed(&[("redirectUri", server.redirect_uri().as_str().into())])?);
                let Begun { state, url } = begin(driver, login).await?;
                self.open(&url)?;
                let callback = server.callback(&state).await;
                let result = finished(driver.open(callback.url.clone()).await);
                let page = result.as_ref().map_or_else(Page::Failed, |()| Page::SignedIn(&self.app));
                callback.show(&page).await;
                result
            }
            NativeRedirect::System => {
                driver.redirect_to(driver.config.clone());
                let Begun { state, url } = begin(driver, login).await?;
                let (sender, result) = oneshot::channel();
                *self.waiting() = Some(Waiting { result: sender, state });
                self.open(&url)?;
                result.await.unwrap_or_else(|_| Err(Code::Aborted.into()))
            }
        }
    }

    /// The system has handed a URL to the app.
    pub(super) async fn callback(&self, driver: &Driver, url: &str) -> Result<(), Error> {
        let is_own = matches!(driver.config.native_redirect(), NativeRedirect::System);
        let address = driver.config.callback_form(url).filter(|_| is_own);
        let address = address.ok_or_else(|| Error::with_detail(Code::CallbackInvalid, "not the redirect URI"))?;
        let reply = driver.open(Secret::new(address)).await.map(|reply| reply.answer);
        // The same callback came again, or a forged one: neither ends the login that the user is in the middle of.
        let result = match reply {
            Ok(Answer::SignedIn) => Ok(()),
            Ok(_) if driver.number().is_some() => return Ok(()),
            Ok(_) => return Err(Code::StateUnknown.into()),
            Err(error) if error.code() == Code::StateUnknown => return Err(error),
            Err(error) => Err(error),
        };
        // An earlier login can come back while another one waits.
        if let Some(waiting) = self.waiting().take_if(|waiting| has_state(url, &waiting.state)) {
            let _ = waiting.result.send(result.clone());
        }
        result
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Option<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets the login when nobody waits for it any more.
struct EndOfLogin<'a>(&'a Driver);

impl Drop for EndOfLogin<'_> {
    fn drop(&mut self) {
        self.0.send(Message::ForgetLogins);
    }
}

/// Starts a login in the session.
async fn begin(driver: &Driver, login: Login) -> Result<Begun, Error> {
    driver.take_state();
    let entropy = random::entropy()?;
    let Reply { navigation, .. } = driver.call(|call_id| Input::Login { call_id, login, entropy }).await?;
    // Without a pending login, the browser would go to a page that asks for the tenant, and then to the app's login
    // route, which a native app does not have.
    let no_tenant = || Error::with_detail(Code::TenantInvalid, "login: a native app names the tenant, or has a default one");
    let state = driver.take_state().ok_or_else(no_tenant)?;
    Ok(Begun { state, url: navigation.ok_or_else(no_tenant)? })
}

/// Whether a callback belongs to the login with this `state`.
fn has_state(url: &str, state: &str) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    form::decode(query).iter().any(|(name, value)| name == "state" && value == state)
}

/// What the callback of a login that is pending came to.
fn finished(reply: Result<Reply, Error>) -> Result<(), Error> {
    match reply?.answer {
        Answer::SignedIn => Ok(()),
        // The login was no longer pending, but another session is alive.
        _ => Err(Code::StateUnknown.into()),
    }
}
