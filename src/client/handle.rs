//! The page's client. It is written once, in TypeScript, for the npm package and for apps in Rust: `client.js`
//! is made from `pkg/ts/client` by `cargo xtask build pkg`, and a test compares the two.

use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, Request};

#[wasm_bindgen(module = "/src/client/client.js")]
extern "C" {
    /// An app's handle to a session.
    pub(super) type Handle;

    /// Starts a session, or joins the one that this page has with the same settings. Throws one of the
    /// library's errors if the browser lacks what the library needs.
    #[wasm_bindgen(constructor, catch)]
    pub(super) fn new(options: &Object) -> Result<Handle, JsValue>;

    /// Settles when it is known whether the user is signed in.
    #[wasm_bindgen(method, getter)]
    pub(super) fn ready(this: &Handle) -> Promise;

    /// The state, as `decode.rs` reads it.
    #[wasm_bindgen(method, getter)]
    pub(super) fn state(this: &Handle) -> JsValue;

    /// What the sign-in of this page load came to, as `decode.rs` reads it.
    #[wasm_bindgen(method, getter, js_name = lastSignIn)]
    pub(super) fn last_sign_in(this: &Handle) -> JsValue;

    /// Calls `listener` after every state change. Returns a function that ends the subscription.
    #[wasm_bindgen(method)]
    pub(super) fn subscribe(this: &Handle, listener: &JsValue) -> Function;

    /// Calls the vault.
    #[wasm_bindgen(method)]
    pub(super) fn call(this: &Handle, command: &str, members: &Object) -> Promise;

    /// `fetch`, through the vault. `canceled` ends the call, but not the body of its response.
    #[wasm_bindgen(method)]
    pub(super) fn fetch(this: &Handle, request: &Request, init: &Object, canceled: &AbortSignal) -> Promise;

    /// Disconnects from the session.
    #[wasm_bindgen(method)]
    pub(super) fn dispose(this: &Handle);

    /// The findings of the checks at this URL, as plain objects. Rejects if they cannot be loaded.
    pub(super) fn diagnose(options: &Object, url: &str) -> Promise;
}
