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

    /// The URL of a file beside the client's script.
    #[cfg(has_worker)]
    pub(super) fn beside(file: &str) -> String;

    /// Starts vaults in the page, with the worker's script at this URL.
    #[cfg(not(feature = "page"))]
    #[wasm_bindgen(js_name = serveFrom)]
    pub(super) fn serve_from(url: &str) -> Function;

    /// The findings of the checks at this URL, as plain objects. Rejects if they cannot be loaded.
    pub(super) fn diagnose(options: &Object, url: &str) -> Promise;
}

/// Makes wasm-bindgen put the worker's script beside the client's, as it does with every script that is named here. The page does
/// not load it.
#[cfg(has_worker)]
#[wasm_bindgen(module = "/src/client/vault.js")]
extern "C" {
    fn serve(name: &str) -> Function;
}
