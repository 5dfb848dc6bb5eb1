//! What an app holds in its hands.

use std::fmt;
use std::rc::{Rc, Weak};

use wasm_bindgen::JsValue;

use super::connection::Connection;
use super::home::{Home, Vault};
use super::started::{self, Started};
use super::{fetch, told};
use crate::browser::{Request, Response, value};
use crate::protocol::config::Config;
use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;
use crate::protocol::secret::AccessToken;
use crate::protocol::user_info::UserInfo;
use crate::session::{Login, Logout, State};

/// Sign-in for one app. Clones are handles to the same session. With the last of them the page lets
/// go of its vault.
#[derive(Clone)]
pub struct Auth {
    started: Rc<Started>,
}

impl Auth {
    /// Starts in the safest home that the browser and the app's files allow: [`Vault::auto`].
    ///
    /// # Errors
    /// As [`start_in`](Self::start_in).
    pub async fn start(config: Config) -> Result<Self, Error> {
        Self::start_in(config, Vault::auto()).await
    }

    /// Starts: finishes a login when the page is a callback, restores a session when it can.
    ///
    /// Started again with the same settings, it is the same session: a component that is mounted
    /// twice does no harm.
    ///
    /// A sign-in that fails is no error here; it is [`State::Failed`].
    ///
    /// # Errors
    /// `config_invalid` without a page, `insecure_context` where the browser offers no
    /// cryptography, `vault_unavailable` when none of the homes has a vault.
    pub async fn start_in(config: Config, vault: Vault) -> Result<Self, Error> {
        Ok(Self { started: started::start(config, vault).await? })
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        self.connection().config()
    }

    /// Where the session lives.
    pub fn home(&self) -> Home {
        self.connection().home()
    }

    /// Who is signed in, if anybody is.
    pub fn state(&self) -> State {
        self.connection().state()
    }

    /// Calls back after every change of the state, until the subscription is dropped.
    pub fn subscribe(&self, listener: impl Fn(&State) + 'static) -> Subscription {
        self.subscription(self.connection().add_listener(Rc::new(listener)))
    }

    /// Sends the browser to the provider. Returns when it is on its way.
    ///
    /// # Errors
    /// `tenant_invalid`, `tenant_unconfirmed`, `storage_unavailable`, `offline`; and where the
    /// provider has to be asked something first, what that can come to.
    pub async fn login(&self, login: Login) -> Result<(), Error> {
        let address = self.connection().address().into();
        self.done("login", &[("options", &value::write(login.to_json())), ("address", &address)]).await
    }

    /// Begins the login that the address asks for: the app's login route, to which Wristband
    /// itself sends people.
    ///
    /// # Errors
    /// As [`login`](Self::login); `callback_invalid` for a damaged address.
    pub async fn login_from_url(&self, address: impl Into<String>) -> Result<(), Error> {
        self.done("loginFromUrl", &[("address", &address.into().into())]).await
    }

    /// Sends a request with the access token, if its address is one of the listed APIs. The token
    /// is added inside of the vault. After a 401 it is renewed and the request sent once more.
    ///
    /// # Errors
    /// `address_not_listed`, `not_signed_in`, `api_redirected`, `network`, and what renewing can
    /// come to.
    pub async fn fetch(&self, request: impl Into<web_sys::Request>) -> Result<Response, Error> {
        fetch::fetch(self.connection(), request.into()).await.map(Response::from)
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
        let user = self.value("userInfo").await?;
        let claims = user.get("claims").filter(|claims| claims.is_object()).cloned();
        claims.map(UserInfo::from_claims).ok_or_else(|| Code::UserInfoInvalid.into())
    }

    /// Renews the tokens now. The library does so by itself in good time.
    ///
    /// # Errors
    /// `not_signed_in`, `refresh_token_missing`, `invalid_grant`, and whatever else keeps the
    /// provider from answering; only `invalid_grant` ends the session.
    pub async fn renew(&self) -> Result<(), Error> {
        self.done("renew", &[]).await
    }

    /// The access token, renewed if need be, for an app that opted in to reading it.
    ///
    /// # Errors
    /// `access_token_not_exposed`, `not_signed_in`, and what renewing can come to.
    pub async fn access_token(&self) -> Result<AccessToken, Error> {
        match self.value("accessToken").await? {
            Value::String(token) => Ok(AccessToken::new(token)),
            _ => Err(Code::NotSignedIn.into()),
        }
    }

    /// Forgets the tokens, revokes the refresh token, and sends the browser to the provider's
    /// logout. Returns when it is on its way.
    ///
    /// # Errors
    /// `config_invalid` for a state that is too long. Nothing else keeps anybody from logging out.
    pub async fn logout(&self, logout: Logout) -> Result<(), Error> {
        self.done("logout", &[("options", &value::write(logout.to_json()))]).await
    }

    /// Lets go of the vault. Whoever still waits gets `disposed`. The session at the provider goes
    /// on, and so does the one in the vault for other tabs, and for as long as it lingers.
    pub fn dispose(&self) {
        self.connection().dispose();
    }

    fn connection(&self) -> &Rc<Connection> {
        &self.started.connection
    }

    fn subscription(&self, id: u32) -> Subscription {
        Subscription { connection: Rc::downgrade(self.connection()), id }
    }

    async fn done(&self, wish: &str, members: &[(&str, &JsValue)]) -> Result<(), Error> {
        self.connection().ask(wish, members).await.map(drop)
    }

    async fn value(&self, wish: &str) -> Result<Value, Error> {
        let answer = self.connection().ask(wish, &[]).await?;
        told::value(&answer).ok_or_else(|| Code::VaultUnavailable.into())
    }
}

/// For demos and tests.
#[cfg(feature = "inspect")]
impl Auth {
    /// Calls back after every request that the session made, until the subscription is dropped. The
    /// first one to listen is also told of those that were made while the session started.
    pub fn on_exchange(&self, inspector: impl Fn(&crate::browser::Exchange) + 'static) -> Subscription {
        self.subscription(self.connection().add_inspector(Rc::new(inspector)))
    }

    /// Treats the access token as if an API had refused it: it is renewed.
    ///
    /// # Errors
    /// As [`renew`](Self::renew).
    pub async fn expire(&self) -> Result<(), Error> {
        self.done("expire", &[]).await
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("home", &self.home()).field("state", &self.state()).finish_non_exhaustive()
    }
}

/// Ends a subscription when dropped.
#[must_use = "the subscription ends when this is dropped"]
pub struct Subscription {
    connection: Weak<Connection>,
    id: u32,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.upgrade() {
            connection.remove_listener(self.id);
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}
