//! What an app holds in its hands.

use std::fmt;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use super::client::Handle;
use super::location::{VaultKind, VaultOptions};
use super::{decode, serve};
use crate::browser::global::{self, Members as _, member, object};
use crate::browser::listening::Callback;
use crate::browser::{Request, Response, value};
use crate::protocol::config::Config;
use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;
use crate::protocol::secret::AccessToken;
use crate::protocol::user_info::UserInfo;
use crate::session::{Login, Logout, State};

/// Sign-in for one app. Clones are handles to the same session. With the last of them the page
/// disconnects from its vault.
#[derive(Clone)]
pub struct Auth {
    session: Rc<Session>,
}

/// A session of this page, and its settings.
struct Session {
    config: Config,
    handle: Handle,
    #[cfg(feature = "inspect")]
    requests: super::requests::Requests,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.handle.dispose();
    }
}

impl Auth {
    /// Starts in the safest location that the browser and the app's files allow: [`VaultOptions::auto`].
    ///
    /// # Errors
    /// As [`start_in`](Self::start_in).
    pub async fn start(config: Config) -> Result<Self, Error> {
        Self::start_in(config, VaultOptions::auto()).await
    }

    /// Starts, and waits until it is known whether the user is signed in: at once on a first visit,
    /// after the token request on a callback, and otherwise when the vault has answered. An app that
    /// wants to render meanwhile uses [`open`](Self::open).
    ///
    /// Started again with the same settings, it is the same session: a component that is mounted
    /// twice does no harm.
    ///
    /// A sign-in that fails is no error here; it is [`State::Failed`].
    ///
    /// # Errors
    /// As [`open`](Self::open), and as [`ready`](Self::ready).
    pub async fn start_in(config: Config, vault: VaultOptions) -> Result<Self, Error> {
        let auth = Self::open(config, vault)?;
        auth.ready().await.map(|()| auth)
    }

    /// Starts, and returns at once with [`State::Loading`], so that an app can render.
    ///
    /// # Errors
    /// `config_invalid` without a page, `insecure_context` where the browser offers no cryptography,
    /// `vault_unavailable` where it lacks something else.
    pub fn open(config: Config, vault: VaultOptions) -> Result<Self, Error> {
        let window = web_sys::window().ok_or_else(|| Error::with_detail(Code::ConfigInvalid, "there is no page here"))?;
        if !window.is_secure_context() {
            return Err(Code::InsecureContext.into());
        }
        #[cfg(feature = "inspect")]
        let requests = super::requests::Requests::default();
        let options = options(&config, &vault);
        #[cfg(feature = "inspect")]
        let options = options.value("onRequest", &requests.listener());
        let handle = Handle::new(&options).map_err(|thrown| decode::thrown(&thrown))?;
        let session = Session {
            config,
            handle,
            #[cfg(feature = "inspect")]
            requests,
        };
        Ok(Self { session: Rc::new(session) })
    }

    /// Waits until it is known whether the user is signed in.
    ///
    /// # Errors
    /// `vault_unavailable`, `network` or `timeout` when no vault could be started; the state is
    /// [`State::Failed`] then.
    pub async fn ready(&self) -> Result<(), Error> {
        settled(self.handle().ready()).await.map(drop)
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.session.config
    }

    /// Where the vault runs, or is expected to run while it is being started.
    pub fn vault_kind(&self) -> VaultKind {
        decode::kind(&self.handle().state())
    }

    /// Why the vault runs in no better location. `None` when the best allowed one was available.
    pub fn vault_fallback(&self) -> Option<String> {
        member(&self.handle().state(), "vaultFallback").as_string()
    }

    /// Whether the user is signed in, and who that is.
    pub fn state(&self) -> State {
        decode::state_of(&self.handle().state())
    }

    /// Calls back after every change of the state, until the subscription is dropped.
    pub fn subscribe(&self, listener: impl Fn(&State) + 'static) -> Subscription {
        let listener = Callback::new(move |state| {
            listener(&decode::state_of(&state));
            JsValue::UNDEFINED
        });
        Subscription { end: self.handle().subscribe(listener.as_ref()), _listener: listener }
    }

    /// Sends the browser to the provider. Returns when it is on its way.
    ///
    /// # Errors
    /// `tenant_invalid`, `tenant_unconfirmed`, `storage_unavailable`, `offline`; and where the
    /// provider has to be asked something first, the errors of that request.
    pub async fn login(&self, login: Login) -> Result<(), Error> {
        let url = url_of_page().into();
        self.done("login", &[("options", &value::write(login.to_json())), ("url", &url)]).await
    }

    /// Starts the login that a URL asks for: the app's login route, to which Wristband itself sends
    /// people.
    ///
    /// # Errors
    /// As [`login`](Self::login); `callback_invalid` for a damaged URL.
    pub async fn login_from_url(&self, url: impl Into<String>) -> Result<(), Error> {
        self.done("loginFromUrl", &[("url", &url.into().into())]).await
    }

    /// Sends a request with the access token, if its URL is one of the listed APIs. The token is
    /// added inside of the vault. After a 401 it is renewed and the request sent once more.
    ///
    /// # Errors
    /// `address_not_listed`, `not_signed_in`, `api_redirected`, `network`, `aborted`, and the errors
    /// of a renewal.
    pub async fn fetch(&self, request: impl Into<web_sys::Request>) -> Result<Response, Error> {
        let request = request.into();
        let canceled = Canceled::new()?;
        let fetched = self.handle().fetch(&request, &Object::new(), &canceled.0.signal());
        match JsFuture::from(fetched).await {
            Ok(response) => Ok(response.unchecked_into::<web_sys::Response>().into()),
            // As with the browser's own `fetch`, what the app aborts is thrown with the app's reason.
            Err(_) if request.signal().aborted() => Err(Code::Aborted.into()),
            Err(thrown) => Err(decode::thrown(&thrown)),
        }
    }

    /// [`fetch`](Self::fetch) for a plain `GET`.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch); `address_not_listed` also for what is no URL.
    pub async fn get(&self, url: &str) -> Result<Response, Error> {
        let request = Request::get(url).build().map_err(|_| Error::new(Code::AddressNotListed))?;
        self.fetch(request).await
    }

    /// Asks the provider about the user.
    ///
    /// # Errors
    /// `not_signed_in`, `user_info_invalid`, `user_info_subject`, and as the provider refuses.
    pub async fn user_info(&self) -> Result<UserInfo, Error> {
        let user = self.value("userInfo").await?;
        let claims = user.get("claims").filter(|claims| claims.is_object()).cloned();
        claims.map(UserInfo::from_claims).ok_or_else(|| Code::UserInfoInvalid.into())
    }

    /// Renews the tokens now. The library does so automatically in good time.
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
    /// `access_token_not_exposed`, `not_signed_in`, and the errors of a renewal.
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

    /// Lets go of the session: calls of this handle and of its clones that have no answer yet end
    /// with `disposed`. The session at the provider goes on, and so does the one in the vault for
    /// other handles and other tabs, and for as long as it lingers.
    pub fn dispose(&self) {
        self.handle().dispose();
    }

    fn handle(&self) -> &Handle {
        &self.session.handle
    }

    async fn done(&self, command: &str, members: &[(&str, &JsValue)]) -> Result<(), Error> {
        settled(self.handle().call(command, &object(members))).await.map(drop)
    }

    async fn value(&self, command: &str) -> Result<Value, Error> {
        let value = settled(self.handle().call(command, &Object::new())).await?;
        decode::value(&value).ok_or_else(|| Code::VaultUnavailable.into())
    }
}

/// For demos and tests.
#[cfg(feature = "inspect")]
impl Auth {
    /// Calls back after every request that the session made, until the subscription is dropped. The
    /// first one to listen also hears of those that were made while the session started.
    pub fn on_exchange(&self, inspector: impl Fn(&crate::browser::Exchange) + 'static) -> super::RequestSubscription {
        self.session.requests.subscribe(inspector)
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
        f.debug_struct("Auth").field("vault_kind", &self.vault_kind()).field("state", &self.state()).finish_non_exhaustive()
    }
}

/// Ends a subscription when dropped.
#[must_use = "the subscription ends when this is dropped"]
pub struct Subscription {
    end: Function,
    _listener: Callback,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        // It only takes the listener out of a list.
        let _ = self.end.call0(&JsValue::UNDEFINED);
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}

/// Cancels a call when the future that waits for it is dropped.
struct Canceled(AbortController);

impl Canceled {
    fn new() -> Result<Self, Error> {
        AbortController::new().map(Self).map_err(|_| Error::new(Code::VaultUnavailable))
    }
}

impl Drop for Canceled {
    fn drop(&mut self) {
        // Nothing hears of it once the call has its response.
        self.0.abort();
    }
}

/// What the client is started with.
fn options(config: &Config, vault: &VaultOptions) -> Object {
    let (script, wasm) = vault.files();
    let candidates: Array = vault.candidates().iter().map(|kind| JsValue::from_str(kind.as_str())).collect();
    let options = Object::new()
        .value("candidates", &candidates)
        .text("clientId", config.client_id())
        .text("loginUrl", config.login_url().map(|url| url.as_str()))
        .text("name", serve::name(&wasm, config.to_json()).as_str())
        .text("url", script.as_str());
    #[cfg(feature = "page")]
    let options = options.value("serveInPage", &serve::in_page());
    options
}

/// The URL of the page, as the browser spells it.
fn url_of_page() -> String {
    global::get::<JsValue>("location").and_then(|location| member(&location, "href").as_string()).unwrap_or_default()
}

/// Waits for a promise of the client's.
async fn settled(promise: Promise) -> Result<JsValue, Error> {
    JsFuture::from(promise).await.map_err(|thrown| decode::thrown(&thrown))
}
