//! The name of a vault, which is also its worker's name. It holds the settings with which the vault starts.

use js_sys::JSON;
use wasm_bindgen::JsValue;

use crate::browser::value;
use crate::protocol::json::Value;

/// The version that a page and its vault must share.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The name of the vault with these options, whose WebAssembly is at this URL.
pub(crate) fn vault_name(wasm: &str, options: Value) -> String {
    let name = value::write(&Value::Array(vec![VERSION.into(), wasm.into(), options]));
    // Not with the library's own writer: its number formatting would be a tenth of the page's code.
    JSON::stringify(&name).ok().and_then(|text| text.as_string()).unwrap_or_default()
}

/// The options, which are the third part of the name. A fourth part only tells vaults apart. `None` for a page
/// of another version: it rejects this worker when it gets `ready`, but has already sent the call that opens
/// its session.
pub(crate) fn parse(name: &str) -> Option<JsValue> {
    let parts = Value::parse(name.as_bytes())?;
    match parts.as_array()? {
        [version, _, options, ..] if version.as_str() == Some(VERSION) => Some(value::write(options)),
        _ => None,
    }
}
