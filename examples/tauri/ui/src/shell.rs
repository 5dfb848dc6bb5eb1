//! The shell's commands.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

/// The state of the session.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionView {
    pub(crate) status: String,
    pub(crate) user_id: Option<String>,
    pub(crate) tenant_name: Option<String>,
    pub(crate) problem: Option<Problem>,
    pub(crate) is_stored: bool,
}

/// The user.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct UserView {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) roles: Vec<String>,
}

/// Why a command failed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Problem {
    pub(crate) code: String,
    pub(crate) message: String,
}

#[wasm_bindgen]
extern "C" {
    /// What `@tauri-apps/api` calls. `withGlobalTauri` adds more to the page, and is not needed for this.
    #[wasm_bindgen(js_namespace = ["window", "__TAURI_INTERNALS__"], js_name = invoke, catch)]
    async fn invoke(command: &str, arguments: JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["window", "__TAURI_INTERNALS__"], js_name = transformCallback)]
    fn transform_callback(callback: &Closure<dyn Fn(JsValue)>) -> f64;
}

/// Calls a command of the shell.
pub(crate) async fn call<T: DeserializeOwned>(command: &str, arguments: impl Serialize) -> Result<T, Problem> {
    let arguments = arguments.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).map_err(unexpected)?;
    match invoke(command, arguments).await {
        Ok(value) => serde_wasm_bindgen::from_value(value).map_err(unexpected),
        // The shell's own errors have a code. What Tauri itself refuses is a string.
        Err(value) => {
            let text = value.as_string();
            Err(serde_wasm_bindgen::from_value(value).unwrap_or_else(|error| Problem {
                code: "unexpected".to_owned(),
                message: text.unwrap_or_else(|| error.to_string()),
            }))
        }
    }
}

/// Calls this function with the state of the session, now and after every change, until the window is closed.
pub(crate) async fn follow(changed: impl Fn(SessionView) + 'static) -> Result<(), Problem> {
    /// What comes through a channel.
    #[derive(Deserialize)]
    struct Change {
        message: SessionView,
    }
    #[derive(Serialize)]
    struct Follow {
        changes: String,
    }
    let callback = Closure::new(move |change| {
        if let Ok(change) = serde_wasm_bindgen::from_value::<Change>(change) {
            changed(change.message);
        }
    });
    // How `@tauri-apps/api` writes a channel.
    let changes = format!("__CHANNEL__:{}", transform_callback(&callback));
    callback.forget();
    call("state", Follow { changes }).await
}

fn unexpected(error: serde_wasm_bindgen::Error) -> Problem {
    Problem { code: "unexpected".to_owned(), message: error.to_string() }
}
