//! What the npm package's worker loads: the vault, behind a port.
//!
//! The only crate of the repository that exports to JavaScript: an export in a library would end
//! up in every app that depends on it. The package's own face is TypeScript, in `pkg/ts`.

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::MessagePort;

/// Rust's own allocator for wasm is three times as large. Like that one, this one joins the free
/// pieces that lie side by side: a vault that lives for days does not grow.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// A session that is asked over ports.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Vault(wristband_spa_auth::vault::Vault);

#[wasm_bindgen]
impl Vault {
    /// A vault with these settings. `forgotten` is called when nobody was there for too long, and
    /// nothing is left in it. Throws what becomes an `AuthError` in the page.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue, forgotten: Function) -> Result<Self, JsValue> {
        wristband_spa_auth::vault::Vault::new(options, forgotten).map(Self)
    }

    /// Serves a tab at the other end of this port.
    pub fn connect(&self, port: MessagePort) {
        self.0.connect(port);
    }
}
