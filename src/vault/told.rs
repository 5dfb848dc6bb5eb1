//! What the vault says to a page. `message.rs` has what pages say.

use wasm_bindgen::JsValue;

use super::{seen, serve};
use crate::browser::global::member;
use crate::browser::value;
use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;
use crate::session::State;

/// A message of the vault's.
pub(super) enum Told {
    /// To the ask of this number: the message itself, with the value and perhaps a body in it.
    Answer(u32, Result<JsValue, Error>),
    /// A request was made.
    #[cfg(feature = "inspect")]
    Exchange(crate::browser::Exchange),
    /// There is no vault, for a reason that another home may not have.
    Failed(Option<Error>),
    /// A worker is there, of this version.
    Here(Option<String>),
    /// The vault is gone. Its lock says so, and no message.
    Lost,
    Navigate {
        url: String,
        keep_in_history: bool,
    },
    /// The page is to open the session again.
    Reopen,
    Replace {
        path: String,
        announce: bool,
    },
    State(State),
    /// The tab is served from now on, for as long as the vault holds this lock.
    Welcome {
        lock: Option<String>,
        state: State,
    },
}

impl Told {
    /// Reads a message. `None` for what is none.
    pub(super) fn read(message: &JsValue) -> Option<Self> {
        let text = |name| member(message, name).as_string();
        let flag = |name| member(message, name).is_truthy();
        let Some(told) = text("tell") else {
            let id = member(message, "id").as_f64()? as u32;
            let failure = member(message, "error");
            return Some(Self::Answer(id, if failure.is_undefined() { Ok(message.clone()) } else { Err(error(&failure)) }));
        };
        Some(match told.as_str() {
            #[cfg(feature = "inspect")]
            "exchange" => Self::Exchange(crate::browser::Exchange::from_json(&whole(&member(message, "exchange"))?)?),
            "failed" => Self::Failed(Some(member(message, "error")).filter(JsValue::is_object).as_ref().map(error)),
            "here" => Self::Here(text("version")),
            "navigate" => Self::Navigate { url: text("url")?, keep_in_history: flag("keep") },
            "reopen" => Self::Reopen,
            "replace" => Self::Replace { path: text("path")?, announce: flag("announce") },
            "state" => Self::State(state(message)?),
            "welcome" => Self::Welcome { lock: text("lock"), state: state(message)? },
            _ => return None,
        })
    }
}

/// Whether a worker of this version can serve this page.
pub(super) fn fits(version: Option<&str>) -> Result<(), Error> {
    if version == Some(serve::VERSION) {
        return Ok(());
    }
    let detail = ["the page has version ", serve::VERSION, " of the library, and the vault ", version.unwrap_or("none")].concat();
    Err(Error::with_detail(Code::VaultUnavailable, detail))
}

/// The value of an answer.
pub(super) fn value(answer: &JsValue) -> Option<Value> {
    whole(&member(answer, "value"))
}

fn state(message: &JsValue) -> Option<State> {
    seen::state(&whole(&member(message, "state"))?)
}

fn error(shown: &JsValue) -> Error {
    seen::error(&whole(shown).unwrap_or_default())
}

/// What comes from the app's own vault is read whole, however much it is.
fn whole(value: &JsValue) -> Option<Value> {
    value::read_whole(value)
}
