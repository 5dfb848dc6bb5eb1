//! What the npm package's worker loads: the vault, behind a port.
//!
//! The only crate of the repository that exports to JavaScript: an export in a library would end
//! up in every app that depends on it. The package's own face is TypeScript, in `pkg/ts`.

use js_sys::Function;
use wasm_bindgen::prelude::*;

/// Rust's own allocator for wasm is three times as large. Like that one, this one joins the free
/// pieces that lie side by side: a vault that lives for days does not grow.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Starts the vault of this name with these settings, and returns the function that connects a port
/// to it. `forgotten` is called when no tab was there for too long, and nothing is left in it. Throws
/// what becomes an `AuthError` in the page.
#[wasm_bindgen]
pub fn start(name: &str, options: JsValue, forgotten: Function) -> Result<Function, JsValue> {
    wristband_spa_auth::vault::start(name, options, forgotten)
}
