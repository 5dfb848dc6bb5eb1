//! [`Auth`], the API for apps in Rust.

use std::fmt;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise};
use send_wrapper::SendWrapper;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use super::exchange::{IntoRequest, Request, Response};
use super::handle::Handle;
use super::location::{VaultKind, VaultOptions};
use crate::browser::event_listener::Callback;
use crate::browser::global::{self, Members as _, member, object};
use crate::browser::value;
use crate::protocol::config::Config;
use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;
use crate::protocol::secret::AccessToken;
use crate::protocol::user_info::UserInfo;
use crate::session::{Login, Logout, State};
use crate::wire::{self, decode};

/// Sign-in for one app. Clones are handles to the same session. When the last one is dropped, the page
/// disconnects from its vault. It is `Send`, so that a signal can hold it; a browser's page has one thread only.
#[derive(Clone)]
pub struct Auth {
    session: SendWrapper<Rc<Session>>,
}

/// What the sign-in that a page load has finished came to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LastSignIn {
    /// The page of the app to which the user has returned: a path with query and fragment. `None` if the login is unknown.
    pub return_to: Option<String>,
    /// Why the sign-in failed. `None` if it succeeded. An older session that lives on is not affected.
    pub error: Option<Error>,
}

/// The result of a logout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogoutResult {
    /// Whether the browser is redirected to where the provider ends its own session. If not, that session may live on, and
    /// the next login asks for the password, unless it is given a prompt.
    pub ends_provider_session: bool,
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
    /// Starts a session in the safest location that the browser and the app's files allow:
    /// [`VaultOptions::auto`].
    ///
    /// # Errors
    /// As [`start_in`](Self::start_in).
    pub async fn start(config: Config) -> Result<Self, Error> {
        Self::start_in(config, VaultOptions::auto()).await
    }

    /// Starts a session, and waits until it is known whether the user is signed in: at once on a first visit,
    /// after the token request on a callback, and otherwise when the vault has answered. To render in the
    /// meantime, use [`open`](Self::open).
    ///
    /// A second start with the same settings joins the same session, so a component may be mounted twice.
    ///
    /// A failed sign-in is not an error here: the state becomes [`State::Failed`].
    ///
    /// # Errors
    /// As [`open`](Self::open), and as [`ready`](Self::ready).
    pub async fn start_in(config: Config, vault: VaultOptions) -> Result<Self, Error> {
        let auth = Self::open(config, vault)?;
        auth.ready().await.map(|()| auth)
    }

    /// Starts a session, and returns at once with [`State::Loading`], so that the app can render.
    ///
    /// # Errors
    /// `config_invalid` without a page, `insecure_context` if the browser offers no cryptography,
    /// `vault_unavailable` if it lacks something else.
    pub fn open(config: Config, vault: VaultOptions) -> Result<Self, Error> {
        #[cfg(feature = "testing")]
        if let Some(fake) = crate::testing::installed(&config) {
            return Ok(fake);
        }
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
        Ok(Self { session: SendWrapper::new(Rc::new(session)) })
    }

    /// Waits until it is known whether the user is signed in.
    ///
    /// # Errors
    /// `vault_unavailable`, `network` or `timeout` if no vault could be started; the state is then
    /// [`State::Failed`].
    pub async fn ready(&self) -> Result<(), Error> {
        settled(self.handle().ready()).await.map(drop)
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.session.config
    }

    /// Where the vault runs, or is expected to run while it is being started.
    pub fn vault_kind(&self) -> VaultKind {
        VaultKind::of_state(&self.handle().state())
    }

    /// Why the vault does not run in a better location. `None` if the best allowed one was available.
    pub fn vault_fallback(&self) -> Option<String> {
        member(&self.handle().state(), "vaultFallback").as_string()
    }

    /// Whether a user is signed in, and who.
    pub fn state(&self) -> State {
        decode::state_of(&self.handle().state())
    }

    /// What the sign-in that this page load has finished came to. `None` if the page was not opened by a callback. A
    /// step-up that was cancelled while a session lives is seen here only: the state stays [`State::SignedIn`].
    pub fn last_sign_in(&self) -> Option<LastSignIn> {
        let last = self.handle().last_sign_in();
        if last.is_null() || last.is_undefined() {
            return None;
        }
        let error = member(&last, "error");
        Some(LastSignIn {
            return_to: member(&last, "returnTo").as_string(),
            error: (!error.is_null()).then(|| decode::thrown(&error)),
        })
    }

    /// Calls `listener` after every state change, until the subscription is dropped.
    pub fn subscribe(&self, listener: impl Fn(&State) + 'static) -> Subscription {
        let listener = Callback::new(move |state| {
            listener(&decode::state_of(&state));
            JsValue::UNDEFINED
        });
        Subscription { end: self.handle().subscribe(listener.as_ref()), _listener: listener }
    }

    /// Sends the browser to the provider with an authorization request \[OIDC Core §3.1.2.1, RFC 7636]. Returns
    /// when the browser is on its way.
    ///
    /// # Errors
    /// `tenant_invalid`, `storage_unavailable`, `offline`; `login_loop` for an automatic
    /// login; if the provider has to be asked first, also the errors of that request.
    pub fn login(&self, login: Login) -> impl Future<Output = Result<(), Error>> + Send + use<> {
        self.later(async move |auth| {
            let url = url_of_page().into();
            auth.done("login", &[("options", &value::write(&login.to_json())), ("url", &url)]).await
        })
    }

    /// Starts the login that a URL of the app's login route asks for. Wristband itself sends the browser there.
    ///
    /// # Errors
    /// As [`login`](Self::login); `callback_invalid` for a malformed URL.
    pub fn login_from_url<T: Into<String>>(&self, url: T) -> impl Future<Output = Result<(), Error>> + Send + use<T> {
        let url: String = url.into();
        self.later(async move |auth| auth.done("loginFromUrl", &[("url", &url.into())]).await)
    }

    /// Sends a request with the access token \[RFC 6750 §2.1], if its URL belongs to a listed API. The token is
    /// added inside the vault. After a 401, the token is renewed and the request is sent once more.
    ///
    /// # Errors
    /// `address_not_listed`, `not_signed_in`, `api_redirected`, `network`, `aborted`, and the errors
    /// of a renewal.
    pub fn fetch<R: IntoRequest>(&self, request: R) -> impl Future<Output = Result<Response, Error>> + Send + use<R> {
        self.later(async move |auth| {
            let request = request.into_request()?;
            let canceled = Canceled::new()?;
            let fetched = auth.handle().fetch(&request, &Object::new(), &canceled.0.signal());
            match JsFuture::from(fetched).await {
                Ok(response) => Ok(Response::of(response)),
                // As with the browser's own `fetch`, a request that the app aborts rejects with the app's reason.
                Err(_) if request.signal().aborted() => Err(Code::Aborted.into()),
                Err(thrown) => Err(decode::thrown(&thrown)),
            }
        })
    }

    /// [`fetch`](Self::fetch) for a plain `GET`.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch); `address_not_listed` also if `url` is not a URL.
    pub fn get(&self, url: &str) -> impl Future<Output = Result<Response, Error>> + Send + use<> {
        self.fetch(Request::get(url))
    }

    /// Sends a `GET` request, and decodes the JSON of a response with a status of 200 to 299.
    ///
    /// # Errors
    /// As [`get`](Self::get) and [`Response::json`]; `api_refused` with the status of any other response.
    pub fn get_json<T: DeserializeOwned>(&self, url: &str) -> impl Future<Output = Result<T, Error>> + Send + use<T> {
        let requested = self.get(url);
        async move {
            let response = requested.await?;
            if !response.ok() {
                return Err(Error::with_detail(Code::ApiRefused, ["status ", &response.status().to_string()].concat()));
            }
            response.json().await
        }
    }

    /// Fetches the user info from the provider \[OIDC Core §5.3].
    ///
    /// # Errors
    /// `not_signed_in`, `user_info_invalid`, `user_info_subject`, and the errors of the request.
    pub fn user_info(&self) -> impl Future<Output = Result<UserInfo, Error>> + Send + use<> {
        self.later(async |auth| {
            let user = auth.value("userInfo").await?;
            let claims = user.get("claims").filter(|claims| claims.is_object()).cloned();
            claims.map(UserInfo::from_claims).ok_or_else(|| Code::UserInfoInvalid.into())
        })
    }

    /// Renews the tokens now \[RFC 6749 §6]. The library does so automatically before they expire.
    ///
    /// # Errors
    /// `not_signed_in`, `refresh_token_missing`, `invalid_grant`, `subject_changed`, and the errors of the
    /// request. Of these, only `invalid_grant` and `subject_changed` end the session.
    pub fn renew(&self) -> impl Future<Output = Result<(), Error>> + Send + use<> {
        self.later(async |auth| auth.done("renew", &[]).await)
    }

    /// Keeps the session for another [`IdleLogout::after`](crate::IdleLogout::after), in all tabs: the user has answered the
    /// warning, or the app knows otherwise that the user is there.
    ///
    /// # Errors
    /// `not_signed_in`.
    pub fn stay(&self) -> impl Future<Output = Result<(), Error>> + Send + use<> {
        self.later(async |auth| auth.done("stay", &[]).await)
    }

    /// The access token, renewed if necessary, for an app that opted in to reading it.
    ///
    /// # Errors
    /// `access_token_not_exposed`, `not_signed_in`, and the errors of a renewal.
    pub fn access_token(&self) -> impl Future<Output = Result<AccessToken, Error>> + Send + use<> {
        self.later(async |auth| match auth.value("accessToken").await? {
            Value::String(token) => Ok(AccessToken::new(token)),
            _ => Err(Code::NotSignedIn.into()),
        })
    }

    /// A proof for one request that the app sends itself with the token of [`access_token`](Self::access_token), such as one that
    /// opens a WebSocket \[RFC 9449 §4]: for this method and URL only.
    ///
    /// # Errors
    /// `access_token_not_exposed`, `not_signed_in`, `dpop_unsupported` if the session's tokens are not bound.
    pub fn dpop_proof(&self, method: &str, url: &str) -> impl Future<Output = Result<String, Error>> + Send + use<> {
        let (method, url) = (JsValue::from_str(method), JsValue::from_str(url));
        self.later(async move |auth| {
            let proof = settled(auth.handle().call("proof", &object(&[("method", &method), ("url", &url)]))).await?;
            proof.as_string().ok_or_else(|| Code::VaultUnavailable.into())
        })
    }

    /// Deletes the tokens, revokes the refresh token \[RFC 7009], and sends the browser to the provider's
    /// logout. Returns when the browser is on its way. While offline, the page stays. The result says whether the
    /// provider's own session ends.
    ///
    /// # Errors
    /// `config_invalid` if an option is too long. A request to the provider that fails does not prevent the
    /// logout.
    pub fn logout(&self, logout: Logout) -> impl Future<Output = Result<LogoutResult, Error>> + Send + use<> {
        self.later(async move |auth| {
            let options = value::write(&logout.to_json());
            let outcome = settled(auth.handle().call("logout", &object(&[("options", &options)]))).await?;
            Ok(LogoutResult { ends_provider_session: member(&outcome, "endsProviderSession") == true })
        })
    }

    /// Disconnects from the session: pending calls of this handle and of its clones fail with `disposed`. The
    /// session at the provider continues. The one in the vault continues for other handles and tabs, and for as
    /// long as it lingers.
    pub fn dispose(&self) {
        self.handle().dispose();
    }

    /// A session whose client is a fake.
    #[cfg(feature = "testing")]
    pub(crate) fn of_handle(config: Config, handle: JsValue) -> Self {
        let handle = wasm_bindgen::JsCast::unchecked_into(handle);
        #[cfg(feature = "inspect")]
        let session = Session { config, handle, requests: super::requests::Requests::default() };
        #[cfg(not(feature = "inspect"))]
        let session = Session { config, handle };
        Self { session: SendWrapper::new(Rc::new(session)) }
    }

    fn handle(&self) -> &Handle {
        &self.session.handle
    }

    /// Work that begins when it is awaited, and that any executor takes.
    fn later<T, W>(&self, work: W) -> impl Future<Output = Result<T, Error>> + Send + use<T, W>
    where
        W: AsyncFnOnce(Self) -> Result<T, Error>,
    {
        let auth = self.clone();
        SendWrapper::new(async move { work(auth).await })
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
    /// Calls `inspector` after every request of the session, until the subscription is dropped. The first
    /// subscriber also gets the requests made while the session started.
    pub fn on_exchange(&self, inspector: impl Fn(&crate::browser::RequestLog) + 'static) -> super::RequestSubscription {
        self.session.requests.subscribe(inspector)
    }

    /// Renews the access token as if an API had refused it.
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

impl Subscription {
    /// Keeps the subscription for as long as the page is open.
    pub fn forget(self) {
        core::mem::forget(self);
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        // This only removes the listener from a list.
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
        // Has no effect once the call has its response.
        self.0.abort();
    }
}

/// The options of the page's client.
pub(super) fn options(config: &Config, vault: &VaultOptions) -> Object {
    let (script, wasm) = vault.files();
    let candidates: Array = vault.candidates().iter().map(|kind| JsValue::from_str(kind.as_str())).collect();
    let options = Object::new()
        .value("candidates", &candidates)
        .text("clientId", config.client_id())
        .value("idleAfter", &config.idle_logout().map_or(JsValue::UNDEFINED, |idle| idle.after.as_secs_f64().into()))
        .text("loginUrl", config.login_url().map(|url| url.as_str()))
        .text("name", wire::vault_name(&wasm, config.to_json()).as_str())
        .text("url", script.as_str());
    match vault.serve_in_page() {
        Some(serve) => options.value("serveInPage", &serve),
        None => options,
    }
}

/// The URL of the page, as the browser spells it.
fn url_of_page() -> String {
    global::get::<JsValue>("location").and_then(|location| member(&location, "href").as_string()).unwrap_or_default()
}

/// Waits for a promise of the client.
pub(super) async fn settled(promise: Promise) -> Result<JsValue, Error> {
    JsFuture::from(promise).await.map_err(|thrown| decode::thrown(&thrown))
}
