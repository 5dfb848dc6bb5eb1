//! The JavaScript face of `wristband-spa-auth`.
//!
//! The only crate of the repository that exports to JavaScript: an export in a library would end
//! up in every app that depends on it.

mod shape;

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wristband_spa_auth::{Code, Config, ConfigBuilder, Error, Login, Logout, Value};

/// Sign-in for one app.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Auth(wristband_spa_auth::Auth);

#[wasm_bindgen]
impl Auth {
    /// Starts with these options: finishes a login when the page is a callback.
    pub async fn start(options: JsValue) -> Result<Self, JsValue> {
        let config = config(options).map_err(|error| shape::error(&error))?;
        wristband_spa_auth::Auth::start(config).await.map(Self).map_err(|error| shape::error(&error))
    }

    /// Who is signed in, if anybody is.
    #[wasm_bindgen(getter)]
    pub fn state(&self) -> JsValue {
        shape::state(&self.0.state())
    }

    /// Calls back after every change of the state. Returns a function that ends this.
    pub fn subscribe(&self, listener: Function) -> Function {
        let subscription = self.0.subscribe(move |state| {
            // What a listener throws is the app's; it must not keep the others from hearing.
            let _ = listener.call1(&JsValue::UNDEFINED, &shape::state(state));
        });
        let mut subscription = Some(subscription);
        Closure::<dyn FnMut()>::new(move || drop(subscription.take())).into_js_value().unchecked_into()
    }

    /// Sends the browser to the provider.
    pub async fn login(&self, options: JsValue) -> Result<(), JsValue> {
        let auth = self.0.clone();
        answer(async move { auth.login(Login::from_json(&value(options, "login")?)?).await }).await
    }

    /// Begins the login that the address of the app's login route asks for.
    #[wasm_bindgen(js_name = loginFromUrl)]
    pub async fn login_from_url(&self, address: String) -> Result<(), JsValue> {
        let auth = self.0.clone();
        answer(async move { auth.login_from_url(address).await }).await
    }

    /// Like the browser's `fetch`, with the access token, for the listed APIs.
    pub fn fetch(&self, input: JsValue, init: JsValue) -> Promise {
        let auth = self.0.clone();
        wasm_bindgen_futures::future_to_promise(async move {
            let response = auth.fetch(request(&input, &init)?).await.map_err(|error| shape::error(&error))?;
            Ok(web_sys::Response::from(response).into())
        })
    }

    /// Asks the provider about the person.
    #[wasm_bindgen(js_name = userInfo)]
    pub async fn user_info(&self) -> Result<JsValue, JsValue> {
        let auth = self.0.clone();
        auth.user_info().await.map(|user_info| shape::user_info(&user_info)).map_err(|error| shape::error(&error))
    }

    /// Renews the tokens now.
    pub async fn renew(&self) -> Result<(), JsValue> {
        let auth = self.0.clone();
        answer(async move { auth.renew().await }).await
    }

    /// The access token, for an app that opted in to reading it.
    #[wasm_bindgen(js_name = accessToken)]
    pub async fn access_token(&self) -> Result<String, JsValue> {
        let auth = self.0.clone();
        auth.access_token().await.map(|token| token.expose().to_owned()).map_err(|error| shape::error(&error))
    }

    /// Logs out here, and at the provider.
    pub async fn logout(&self, options: JsValue) -> Result<(), JsValue> {
        let auth = self.0.clone();
        answer(async move { auth.logout(Logout::from_json(&value(options, "logout")?)?).await }).await
    }

    /// Ends everything here. The session at the provider goes on.
    pub fn dispose(&self) {
        self.0.dispose();
    }
}

/// Every code that an error can have.
#[wasm_bindgen(js_name = errorCodes)]
pub fn error_codes() -> Vec<String> {
    Code::ALL.iter().map(|code| code.as_str().to_owned()).collect()
}

async fn answer(work: impl Future<Output = Result<(), Error>>) -> Result<(), JsValue> {
    work.await.map_err(|error| shape::error(&error))
}

fn config(options: JsValue) -> Result<Config, Error> {
    ConfigBuilder::from_json(&value(options, "createAuth")?)?.build()
}

/// Reads an object of options. Nothing given is an empty one.
fn value(options: JsValue, call: &'static str) -> Result<Value, Error> {
    if options.is_undefined() || options.is_null() {
        return Ok(Value::object([]));
    }
    serde_wasm_bindgen::from_value(options).map_err(|_| Error::with_detail(Code::ConfigInvalid, call))
}

/// `new Request(input, init)`, as the page's own `fetch` would make it.
fn request(input: &JsValue, init: &JsValue) -> Result<web_sys::Request, JsValue> {
    let class: Function = Reflect::get(&js_sys::global(), &"Request".into())?.unchecked_into();
    Ok(Reflect::construct(&class, &js_sys::Array::of2(input, init))?.unchecked_into())
}
