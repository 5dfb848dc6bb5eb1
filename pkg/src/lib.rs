//! What the npm package's worker loads: the vault, behind a port.
//!
//! The only crate of the repository that exports to JavaScript: an export in a library would end
//! up in every app that depends on it. The package's own API is TypeScript, in `pkg/ts`.

use js_sys::Function;
use wasm_bindgen::prelude::*;

/// Rust's own allocator for wasm is three times as large. Like that one, this one joins the free
/// pieces that lie side by side: a vault that lives for days does not grow.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Starts the vault with this name and these settings, and returns the function that connects a port
/// to it. `onIdle` is called when no tab has been connected for too long; the vault is empty then. Throws
/// what the page turns into an `AuthError`.
#[wasm_bindgen]
pub fn start(name: &str, options: JsValue, on_idle: Function) -> Result<Function, JsValue> {
    wristband_spa_auth::server::start(name, options, on_idle)
}
