//! What a page sends to its vault.
//!
//! A page first sends the event `hello`, and along with it the call that opens the session. The vault answers
//! with the event `welcome`, which holds the state. From then on, the page sends events
//! (`{ event: "tick", … }`) and calls (`{ call: "login", id, … }`). Every call is answered once, by the event
//! `answer` with the same `id` and either a `value` or an `error`. The vault sends the event `state` whenever
//! the state changes, and tells the page to navigate, to replace its URL, or to open the session again.
//!
//! Any script of the page can send here. The vault ignores anything but these messages.

use js_sys::{JsString, Object};
use wasm_bindgen::{JsCast as _, JsValue};

use crate::browser::global::{Members as _, member};
use crate::browser::value;
use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;
use crate::session::{Login, Logout, SessionNumber};

/// A message from a page.
pub(crate) enum PageMessage {
    /// The page no longer waits for the answer to this call.
    Abort(u32),
    /// The user is active in the page.
    Active,
    /// The page is leaving.
    Bye,
    /// The page calls a command, and wants an answer with this number.
    Call(u32, Result<Command, Error>),
    /// The page wants to connect.
    Hello,
    /// The page holds the lock that the vault named in its `welcome`.
    Locked,
    /// The page wants to know whether the vault is alive.
    Ping,
    /// The page is alive, and holds no lock that would show it.
    Present,
    /// The page has handled the event `replace`.
    Replaced,
    /// The page came back from the back/forward cache.
    RestoredFromCache,
    /// Time has passed, or the network has changed.
    Tick,
}

/// What a page can say along with any message.
#[derive(Clone, Copy)]
pub(crate) struct Along {
    /// Whether the device has a network.
    pub(crate) online: Option<bool>,
    /// Whether the browser keeps the vault running while no page is open.
    pub(crate) outlives_pages: Option<bool>,
}

/// The commands that a page can call. Those that need a signed-in user carry the number of the session that the
/// page saw in the state.
pub(crate) enum Command {
    AccessToken(Option<SessionNumber>),
    #[cfg(feature = "inspect")]
    Expire,
    Fetch {
        url: String,
        init: Object,
        /// Whether the request is to outlive its page.
        keepalive: bool,
        session: Option<SessionNumber>,
    },
    Login {
        login: Box<Login>,
        url: String,
    },
    LoginFromUrl(String),
    Logout(Logout),
    Open {
        url: String,
        /// Whether the page was open before, and lost its vault.
        resumed: bool,
    },
    /// A proof for a request that the page sends itself.
    Proof {
        url: String,
        method: String,
        session: Option<SessionNumber>,
    },
    Renew(Option<SessionNumber>),
    Stay(Option<SessionNumber>),
    UserInfo(Option<SessionNumber>),
}

impl PageMessage {
    /// Reads a message, and what the page says along with it. `None` if the value is not a valid message.
    pub(crate) fn read(message: &JsValue) -> Option<(Self, Along)> {
        let flag = |name| member(message, name).as_bool();
        let along = Along { online: flag("online"), outlives_pages: flag("outlivesPages") };
        if let Some(name) = text(message, "call") {
            return Some((Self::Call(number(message)?, Command::read(&name, message)), along));
        }
        let message = match text(message, "event")?.as_str() {
            "abort" => Self::Abort(number(message)?),
            "active" => Self::Active,
            "bye" => Self::Bye,
            "hello" => Self::Hello,
            "locked" => Self::Locked,
            "ping" => Self::Ping,
            "present" => Self::Present,
            "replaced" => Self::Replaced,
            "returned" => Self::RestoredFromCache,
            "tick" => Self::Tick,
            _ => return None,
        };
        Some((message, along))
    }
}

impl Command {
    fn read(name: &str, message: &JsValue) -> Result<Self, Error> {
        let unknown = || Error::with_detail(Code::ConfigInvalid, "the vault has no such call");
        let page = || text(message, "url").ok_or_else(unknown);
        Ok(match name {
            "accessToken" => Self::AccessToken(session(message)?),
            #[cfg(feature = "inspect")]
            "expire" => Self::Expire,
            "fetch" => {
                let init: Object = member(message, "init").dyn_into().map_err(|_| unknown())?;
                let keepalive = member(&init, "keepalive").is_truthy();
                Self::Fetch { url: page()?, init, keepalive, session: session(message)? }
            }
            "login" => Self::Login { login: Box::new(Login::from_json(&options(message)?)?), url: page()? },
            "loginFromUrl" => Self::LoginFromUrl(page()?),
            "logout" => Self::Logout(Logout::from_json(&options(message)?)?),
            "open" => Self::Open { url: page()?, resumed: member(message, "resumed").is_truthy() },
            "proof" => {
                let method = text(message, "method").ok_or_else(unknown)?;
                Self::Proof { url: page()?, method, session: session(message)? }
            }
            "renew" => Self::Renew(session(message)?),
            "stay" => Self::Stay(session(message)?),
            "userInfo" => Self::UserInfo(session(message)?),
            _ => return Err(unknown()),
        })
    }
}

/// A message from the vault.
pub(crate) fn event(name: &str) -> Object {
    Object::new().text("event", name)
}

/// The answer to a call.
pub(crate) fn answer(id: u32, name: &str, what: &JsValue) -> Object {
    event("answer").value("id", &id.into()).value(name, what)
}

/// A string in a message. One that is longer than a URL can be is not copied into WebAssembly memory.
fn text(message: &JsValue, name: &str) -> Option<String> {
    let text = member(message, name);
    text.dyn_ref::<JsString>().filter(|text| text.length() <= value::MAX_TEXT)?.as_string()
}

fn number(message: &JsValue) -> Option<u32> {
    member(message, "id").as_f64().map(|id| id as u32)
}

/// The session that the page names. `None` if it names none.
///
/// # Errors
/// `config_invalid` if the value is not a session number: it must not be taken for the current session.
fn session(message: &JsValue) -> Result<Option<SessionNumber>, Error> {
    let session = member(message, "session");
    if session.is_undefined() || session.is_null() {
        return Ok(None);
    }
    let number = session.as_f64().filter(|number| *number >= 0.0 && *number < 9_007_199_254_740_992.0 && number.fract() == 0.0);
    let invalid = || Error::with_detail(Code::ConfigInvalid, "session: not a number that a state has shown");
    number.map(|number| Some(SessionNumber::from_u64(number as u64))).ok_or_else(invalid)
}

/// The options of a call. Empty if the page gave none.
fn options(message: &JsValue) -> Result<Value, Error> {
    let options = member(message, "options");
    if options.is_undefined() || options.is_null() {
        return Ok(Value::object([]));
    }
    read_untrusted(&options)
}

/// Reads options that a page gave.
///
/// # Errors
/// `config_invalid` if the value is not plain data, is cyclic, or is too large.
pub(crate) fn read_untrusted(options: &JsValue) -> Result<Value, Error> {
    let invalid =
        || Error::with_detail(Code::ConfigInvalid, "the options are not plain values, or have more than 1048576 characters");
    value::read(options).ok_or_else(invalid)
}
