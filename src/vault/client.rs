//! The page's client. It is written once, in TypeScript, for the npm package and for apps in Rust:
//! `client.js` is made from `pkg/ts/client` by `cargo xtask build pkg`, and a test compares the two.

use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, Request};

#[wasm_bindgen(module = "/src/vault/client.js")]
extern "C" {
    /// What an app holds of a session.
    pub(super) type Handle;

    /// Starts a session, or joins the one that this page has with the same settings. Throws an error
    /// of the library where the browser lacks what it needs.
    #[wasm_bindgen(constructor, catch)]
    pub(super) fn new(options: &Object) -> Result<Handle, JsValue>;

    /// Settled when it is known whether the user is signed in.
    #[wasm_bindgen(method, getter)]
    pub(super) fn ready(this: &Handle) -> Promise;

    /// The state, as `decode.rs` reads it.
    #[wasm_bindgen(method, getter)]
    pub(super) fn state(this: &Handle) -> JsValue;

    /// Calls back after every change of the state. Returns a function that ends this.
    #[wasm_bindgen(method)]
    pub(super) fn subscribe(this: &Handle, listener: &JsValue) -> Function;

    /// Calls the vault.
    #[wasm_bindgen(method)]
    pub(super) fn call(this: &Handle, command: &str, members: &Object) -> Promise;

    /// `fetch`, through the vault. `canceled` ends the call, but not the body of its response.
    #[wasm_bindgen(method)]
    pub(super) fn fetch(this: &Handle, request: &Request, init: &Object, canceled: &AbortSignal) -> Promise;

    /// Lets go of the session.
    #[wasm_bindgen(method)]
    pub(super) fn dispose(this: &Handle);
}
