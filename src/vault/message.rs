//! What a page sends to its vault.
//!
//! A page first sends the event `hello`, and along with it the call that opens the session. The
//! vault welcomes it with the state. From then on the page sends events (`{ event: "tick", … }`)
//! and calls (`{ call: "login", id, … }`). Every call is answered once, by the event `answer` with
//! the same `id` and either a `value` or an `error`. The vault sends the event `state` whenever the
//! state changes, and tells the page to navigate, to replace its URL, or to open the session again.
//!
//! Any script of the page can send here. The vault ignores what is none of these messages.

use js_sys::Object;
use wasm_bindgen::{JsCast as _, JsValue};

use crate::browser::global::{Members as _, member};
use crate::browser::value;
use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;
use crate::session::{Login, Logout};

/// A message of a page.
pub(super) enum PageMessage {
    /// The page no longer waits for the answer to this call.
    Abort(u32),
    /// The page goes away.
    Bye,
    /// The page wants something, and an answer under this number.
    Call(u32, Result<Command, Error>),
    /// The page wants to be served.
    Hello,
    /// The page holds the lock that the vault has named for it.
    Locked,
    /// The page wants to know whether the vault is alive.
    Ping,
    /// The address bar shows the URL that the vault wanted.
    Replaced,
    /// The page came back from the back/forward cache.
    Returned,
    /// Time has passed, or the network has changed.
    Tick,
}

/// What a page can call.
pub(super) enum Command {
    AccessToken,
    #[cfg(feature = "inspect")]
    Expire,
    Fetch {
        url: String,
        init: Object,
    },
    Login {
        login: Login,
        url: String,
    },
    LoginFromUrl(String),
    Logout(Logout),
    Open {
        url: String,
    },
    Renew,
    UserInfo,
}

impl PageMessage {
    /// Reads a message, and whether the device has a network, where the page says that too. `None`
    /// if the value is not a valid message.
    pub(super) fn read(message: &JsValue) -> Option<(Self, Option<bool>)> {
        let online = member(message, "online").as_bool();
        if let Some(name) = text(message, "call") {
            return Some((Self::Call(number(message)?, Command::read(&name, message)), online));
        }
        let message = match text(message, "event")?.as_str() {
            "abort" => Self::Abort(number(message)?),
            "bye" => Self::Bye,
            "hello" => Self::Hello,
            "locked" => Self::Locked,
            "ping" => Self::Ping,
            "replaced" => Self::Replaced,
            "returned" => Self::Returned,
            "tick" => Self::Tick,
            _ => return None,
        };
        Some((message, online))
    }
}

impl Command {
    fn read(name: &str, message: &JsValue) -> Result<Self, Error> {
        let unknown = || Error::with_detail(Code::ConfigInvalid, "the vault has no such call");
        let page = || text(message, "url").ok_or_else(unknown);
        Ok(match name {
            "accessToken" => Self::AccessToken,
            #[cfg(feature = "inspect")]
            "expire" => Self::Expire,
            "fetch" => Self::Fetch { url: page()?, init: member(message, "init").dyn_into().map_err(|_| unknown())? },
            "login" => Self::Login { login: Login::from_json(&options(message)?)?, url: page()? },
            "loginFromUrl" => Self::LoginFromUrl(page()?),
            "logout" => Self::Logout(Logout::from_json(&options(message)?)?),
            "open" => Self::Open { url: page()? },
            "renew" => Self::Renew,
            "userInfo" => Self::UserInfo,
            _ => return Err(unknown()),
        })
    }
}

/// A message of the vault.
pub(super) fn event(name: &str) -> Object {
    Object::new().text("event", name)
}

/// The answer to a call.
pub(super) fn answer(id: u32, name: &str, what: &JsValue) -> Object {
    event("answer").value("id", &id.into()).value(name, what)
}

fn text(message: &JsValue, name: &str) -> Option<String> {
    member(message, name).as_string()
}

fn number(message: &JsValue) -> Option<u32> {
    member(message, "id").as_f64().map(|id| id as u32)
}

/// The options of a call. None given are no options.
fn options(message: &JsValue) -> Result<Value, Error> {
    let options = member(message, "options");
    if options.is_undefined() || options.is_null() {
        return Ok(Value::object([]));
    }
    plain(&options)
}

/// Options that a page gave.
///
/// # Errors
/// `config_invalid` for what is no plain data, or has no end.
pub(super) fn plain(options: &JsValue) -> Result<Value, Error> {
    value::read(options).ok_or_else(|| Error::with_detail(Code::ConfigInvalid, "the options are not plain values"))
}
