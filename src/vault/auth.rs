//! What an app holds in its hands.

use std::fmt;
use std::rc::{Rc, Weak};

use super::driver::Driver;
use super::page::Page;
use super::started::{self, Started};
use super::{Request, Response, api, random};
use crate::protocol::config::Config;
use crate::protocol::error::{Code, Error};
use crate::protocol::secret::AccessToken;
use crate::protocol::user_info::UserInfo;
use crate::session::{Answer, Ask, Input, Login, Logout, State};

/// Sign-in for one app. Clones are handles to the same session; it ends with the last of them.
#[derive(Clone)]
pub struct Auth {
    started: Rc<Started>,
}

impl Auth {
    /// Starts: finishes a login when the page is a callback, restores a session when it can.
    ///
    /// Started again with the same settings, it is the same session: a component that is mounted
    /// twice does no harm.
    ///
    /// A sign-in that fails is no error here; it is [`State::Failed`].
    ///
    /// # Errors
    /// `config_invalid` without a page, `insecure_context` without a source of randomness.
    pub async fn start(config: Config) -> Result<Self, Error> {
        Ok(Self { started: started::start(config).await? })
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        self.driver().config()
    }

    /// Who is signed in, if anybody is.
    pub fn state(&self) -> State {
        self.driver().state()
    }

    /// Calls back after every change of the state, until the subscription is dropped.
    pub fn subscribe(&self, listener: impl Fn(&State) + 'static) -> Subscription {
        Subscription { driver: Rc::downgrade(self.driver()), id: self.driver().add_listener(Rc::new(listener)) }
    }

    /// Sends the browser to the provider. Returns when it is on its way.
    ///
    /// # Errors
    /// `tenant_invalid`, `tenant_unconfirmed`, `storage_unavailable`, `offline`; and where the
    /// provider has to be asked something first, what that can come to.
    pub async fn login(&self, login: Login) -> Result<(), Error> {
        let login = login.or_return_to(self.started.page.address());
        let entropy = random::entropy()?;
        self.ask(|ask| Input::Login { ask, login, entropy }).await.map(drop)
    }

    /// Begins the login that the address asks for: the app's login route, to which Wristband
    /// itself sends people.
    ///
    /// # Errors
    /// As [`login`](Self::login); `callback_invalid` for a damaged address.
    pub async fn login_from_url(&self, address: impl Into<String>) -> Result<(), Error> {
        let (address, entropy) = (address.into(), random::entropy()?);
        self.ask(|ask| Input::LoginFromUrl { ask, address, entropy }).await.map(drop)
    }

    /// Sends a request with the access token, if its address is one of the listed APIs. After a
    /// 401 the token is renewed and the request sent once more.
    ///
    /// # Errors
    /// `address_not_listed`, `not_signed_in`, `api_redirected`, `network`, and what renewing can
    /// come to.
    pub async fn fetch(&self, request: impl Into<web_sys::Request>) -> Result<Response, Error> {
        api::fetch(self.driver(), &self.page(), request.into(), true).await.map(Response::from)
    }

    /// [`fetch`](Self::fetch) for a plain `GET`.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch); `address_not_listed` also for what is no address.
    pub async fn get(&self, address: &str) -> Result<Response, Error> {
        let request = Request::get(address).build().map_err(|_| Error::new(Code::AddressNotListed))?;
        self.fetch(request).await
    }

    /// Asks the provider about the person.
    ///
    /// # Errors
    /// `not_signed_in`, `user_info_invalid`, `user_info_subject`, and as the provider refuses.
    pub async fn user_info(&self) -> Result<UserInfo, Error> {
        match self.ask(|ask| Input::UserInfo { ask }).await? {
            Answer::UserInfo(user_info) => Ok(user_info),
            _ => Err(Code::UserInfoInvalid.into()),
        }
    }

    /// Renews the tokens now. The library does so by itself in good time.
    ///
    /// # Errors
    /// `not_signed_in`, `refresh_token_missing`, `invalid_grant`, and whatever else keeps the
    /// provider from answering; only `invalid_grant` ends the session.
    pub async fn renew(&self) -> Result<(), Error> {
        self.ask(|ask| Input::Renew { ask }).await.map(drop)
    }

    /// The access token, renewed if need be, for an app that opted in to reading it.
    ///
    /// # Errors
    /// `access_token_not_exposed`, `not_signed_in`, and what renewing can come to.
    pub async fn access_token(&self) -> Result<AccessToken, Error> {
        if !self.config().expose_access_token() {
            return Err(Code::AccessTokenNotExposed.into());
        }
        api::token(self.driver().ask(&self.page(), |ask| Input::Token { ask })).await.map(|(token, _)| token)
    }

    /// Forgets the tokens, revokes the refresh token, and sends the browser to the provider's
    /// logout. Returns when it is on its way.
    ///
    /// # Errors
    /// `config_invalid` for a state that is too long. Nothing else keeps anybody from logging out.
    pub async fn logout(&self, logout: Logout) -> Result<(), Error> {
        self.ask(|ask| Input::Logout { ask, logout }).await.map(drop)
    }

    /// Ends everything here: timers, listeners, the tokens in memory. The session at the provider
    /// goes on. Whoever still waits gets `disposed`.
    pub fn dispose(&self) {
        self.driver().dispose();
    }

    fn driver(&self) -> &Rc<Driver> {
        &self.started.driver
    }

    fn page(&self) -> Rc<dyn Page> {
        self.started.page.clone()
    }

    async fn ask(&self, input: impl FnOnce(Ask) -> Input) -> Result<Answer, Error> {
        self.driver().ask(&self.page(), input).await
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("state", &self.state()).finish_non_exhaustive()
    }
}

/// Ends a subscription when dropped.
#[must_use = "the subscription ends when this is dropped"]
pub struct Subscription {
    driver: Weak<Driver>,
    id: u32,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.upgrade() {
            driver.remove_listener(self.id);
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}
