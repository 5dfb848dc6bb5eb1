//! Fakes for the tests of an app: a session without a vault, a provider and a network.
//!
//! A [`FakeAuth`] stands in for the session of a configuration: every `AuthProvider` and every [`Auth::start`] with the
//! same settings then gets the fake, so the components under test are the ones that the app ships.
//!
//! ```
//! # #[cfg(target_arch = "wasm32")]
//! # fn test(config: wristband_spa_auth::Config) {
//! use wristband_spa_auth::testing::{FakeAuth, signed_in};
//!
//! let fake = FakeAuth::new(config);
//! fake.sign_in(signed_in("ada"));
//! fake.respond("https://api.example/v1/me", 200, r#"{"name": "Ada"}"#);
//! // … render the component …
//! assert_eq!(fake.calls()[0].command, "fetch");
//! # }
//! ```
//!
//! A fake proves that the app handles each state and each error. That the app's settings work at its provider is
//! proven by a test with the local provider or the real one.

use std::cell::RefCell;
use std::sync::Arc;

use js_sys::Object;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::browser::global::Members as _;
use crate::protocol::json::Value;
use crate::protocol::tenant::Tenant;
use crate::wire::encode;
use crate::{Auth, Code, Config, Error, Reason, State, UserInfo, UserSession};

#[wasm_bindgen(module = "/src/testing/fake.js")]
extern "C" {
    #[derive(Clone)]
    type FakeHandle;

    #[wasm_bindgen(constructor)]
    fn new(state: &JsValue, unlisted: &JsValue) -> FakeHandle;

    #[wasm_bindgen(method, getter)]
    fn calls(this: &FakeHandle) -> String;

    #[wasm_bindgen(method)]
    fn show(this: &FakeHandle, state: &JsValue);

    #[wasm_bindgen(method, js_name = finishSignIn)]
    fn finish_sign_in(this: &FakeHandle, last: &JsValue);

    #[wasm_bindgen(method)]
    fn answer(this: &FakeHandle, command: &str, value: &JsValue, error: &JsValue);

    #[wasm_bindgen(method)]
    fn respond(this: &FakeHandle, url: &str, status: u16, kind: &str, body: &str);
}

thread_local! {
    /// The fakes of this test, by their settings.
    static INSTALLED: RefCell<Vec<(Config, Auth)>> = const { RefCell::new(Vec::new()) };
}

/// The fake that stands in for the session of these settings.
pub(crate) fn installed(config: &Config) -> Option<Auth> {
    let found = |fakes: &RefCell<Vec<(Config, Auth)>>| {
        fakes.borrow().iter().find(|(settings, _)| settings == config).map(|(_, auth)| auth.clone())
    };
    INSTALLED.with(found)
}

/// A session that a test controls. It starts signed out, and is there until it is dropped.
#[derive(Debug)]
pub struct FakeAuth {
    auth: Auth,
    handle: FakeHandle,
}

impl std::fmt::Debug for FakeHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FakeHandle")
    }
}

/// A call that the app made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Call {
    /// `login`, `loginFromUrl`, `logout`, `renew`, `stay`, `userInfo`, `accessToken` or `fetch`.
    pub command: String,
    /// What the app gave with it, by the names of the JavaScript API: `options` and `url` of a login, `url`, `method`
    /// and `body` of a request.
    pub given: Value,
}

impl FakeAuth {
    /// A fake for the session of these settings.
    pub fn new(config: Config) -> Self {
        let unlisted = encode::error(&Code::AddressNotListed.into());
        let handle = FakeHandle::new(&shown(&State::SignedOut(Reason::NeverSignedIn)), &unlisted);
        let auth = Auth::of_handle(config.clone(), handle.clone().into());
        INSTALLED.with_borrow_mut(|fakes| fakes.push((config, auth.clone())));
        Self { auth, handle }
    }

    /// The session, for code that takes an [`Auth`].
    pub fn auth(&self) -> Auth {
        self.auth.clone()
    }

    /// Shows a state, and calls the listeners.
    pub fn set(&self, state: &State) {
        self.handle.show(&shown(state));
    }

    /// Signs a user in.
    pub fn sign_in(&self, session: UserSession) {
        self.set(&State::SignedIn(Arc::new(session)));
    }

    /// Signs the user out.
    pub fn sign_out(&self, reason: Reason) {
        self.set(&State::SignedOut(reason));
    }

    /// Makes the last sign-in a failure.
    pub fn fail(&self, error: Error) {
        self.set(&State::Failed(error));
    }

    /// What [`Auth::last_sign_in`] returns from now on.
    pub fn finish_sign_in(&self, return_to: Option<&str>, error: Option<&Error>) {
        let last = Object::new().text("returnTo", return_to);
        self.handle.finish_sign_in(&last.value("error", &error.map_or(JsValue::NULL, encode::error)).into());
    }

    /// Answers the app's requests to URLs that start with this one. A later call comes first. A request without a
    /// response fails with `address_not_listed`.
    pub fn respond(&self, url: &str, status: u16, json: &str) {
        self.handle.respond(url, status, "application/json", json);
    }

    /// What [`Auth::user_info`] returns from now on.
    pub fn set_user_info(&self, user_info: &UserInfo) {
        self.handle.answer("userInfo", &encode::user_info(user_info), &JsValue::UNDEFINED);
    }

    /// Makes a command fail from now on: `login`, `logout`, `renew`, `stay`, `userInfo`, `accessToken`.
    pub fn refuse(&self, command: &str, error: &Error) {
        self.handle.answer(command, &JsValue::UNDEFINED, &encode::error(error));
    }

    /// The calls that the app has made, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        let calls = Value::parse(self.handle.calls().as_bytes()).unwrap_or_default();
        let call = |given: &Value| Some(Call { command: given.get_str("command")?.to_owned(), given: given.clone() });
        calls.as_array().unwrap_or_default().iter().filter_map(call).collect()
    }

    /// How often the app has called a command.
    pub fn count(&self, command: &str) -> usize {
        self.calls().iter().filter(|call| call.command == command).count()
    }
}

impl Drop for FakeAuth {
    fn drop(&mut self) {
        let config = self.auth.config();
        INSTALLED.with_borrow_mut(|fakes| fakes.retain(|(settings, _)| settings != config));
    }
}

/// A session of this user, without a tenant. The test sets the fields that it needs.
pub fn signed_in(user_id: impl Into<String>) -> UserSession {
    let user_id = user_id.into();
    UserSession {
        claims: Value::object([("sub", user_id.as_str().into())]),
        user_id,
        tenant: Tenant::default(),
        tenant_id: None,
        identity_provider_name: None,
        authenticated_at: None,
        acr: None,
        is_bound: false,
        scope: "openid offline_access email".to_owned(),
        expires_at: None,
        renews_at: None,
        renewals: 0,
        renewing: false,
        renewal_error: None,
        idle_logout_at: None,
        custom_state: Value::Null,
        clock_skew: 0,
        offline: false,
    }
}

/// A state, as the page's client shows it.
fn shown(state: &State) -> JsValue {
    let shown: Object = encode::state(state, None).into();
    shown.text("vault", "page").value("vaultFallback", &JsValue::NULL).into()
}
