//! What crosses the port.
//!
//! A page first says `hello`, and asks along with that for the session to be opened; it is welcomed
//! with the state. From then on it tells (`{ tell: "online", … }`) and asks (`{ ask: "login", id, … }`);
//! every ask is answered once, with `{ id, value }` or `{ id, error }`. The vault tells the state whenever it changes, and what it
//! wants of the page: to navigate, to replace its address, to open the session again.
//!
//! Any script of the page can send here. What is no message of these is not acted upon.

use js_sys::{JsString, Object};
use wasm_bindgen::{JsCast as _, JsValue};

use crate::browser::global::{self, Members as _, member};
use crate::browser::value;
use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;
use crate::session::{Login, Logout, SessionNumber};

/// What a page says.
pub(super) enum Said {
    /// It no longer waits for the answer to this ask.
    Abort(u32),
    /// It wants something, and an answer under this number.
    Ask(u32, Result<Wish, Error>),
    /// It goes away.
    Goodbye,
    /// It is there, for as long as it holds this Web Lock. It says so once more when it holds one.
    Hello(Option<String>),
    /// The device says whether it has a network.
    Online(bool),
    /// Its address bar shows what was wanted.
    Replaced,
    /// It came back from the browser's cache, as it was when it was left.
    Returned,
    /// Time passed: it became visible, or the machine woke up.
    Woke,
}

/// What a page can want. With a call that needs a user comes the number of the session that the page
/// believes in, which it knows from the state.
pub(super) enum Wish {
    AccessToken(Option<SessionNumber>),
    #[cfg(feature = "inspect")]
    Expire,
    Fetch {
        url: String,
        init: Object,
        session: Option<SessionNumber>,
    },
    Login {
        login: Login,
        address: String,
    },
    LoginFromUrl(String),
    Logout(Logout),
    Open {
        address: String,
    },
    Renew(Option<SessionNumber>),
    UserInfo(Option<SessionNumber>),
}

impl Said {
    /// Reads a message. `None` for what is none.
    pub(super) fn read(message: &JsValue) -> Option<Self> {
        if let Some(name) = text(message, "ask") {
            return Some(Self::Ask(number(message)?, Wish::read(&name, message)));
        }
        Some(match text(message, "tell")?.as_str() {
            "abort" => Self::Abort(number(message)?),
            "goodbye" => Self::Goodbye,
            "hello" => Self::Hello(text(message, "lock")),
            "online" => Self::Online(member(message, "online").as_bool()?),
            "replaced" => Self::Replaced,
            "returned" => Self::Returned,
            "woke" => Self::Woke,
            _ => return None,
        })
    }
}

impl Wish {
    fn read(name: &str, message: &JsValue) -> Result<Self, Error> {
        let unknown = || Error::with_detail(Code::ConfigInvalid, "this is nothing to ask of the vault");
        let address = || text(message, "address").ok_or_else(unknown);
        Ok(match name {
            "accessToken" => Self::AccessToken(session(message)?),
            #[cfg(feature = "inspect")]
            "expire" => Self::Expire,
            "fetch" => Self::Fetch {
                url: text(message, "url").ok_or_else(unknown)?,
                init: member(message, "init").dyn_into().map_err(|_| unknown())?,
                session: session(message)?,
            },
            "login" => Self::Login { login: Login::from_json(&options(message)?)?, address: address()? },
            "loginFromUrl" => Self::LoginFromUrl(address()?),
            "logout" => Self::Logout(Logout::from_json(&options(message)?)?),
            "open" => Self::Open { address: address()? },
            "renew" => Self::Renew(session(message)?),
            "userInfo" => Self::UserInfo(session(message)?),
            _ => return Err(unknown()),
        })
    }
}

/// Something that a page asks for, under this number.
pub(super) fn ask(id: u32, wish: &str, members: &[(&str, &JsValue)]) -> Object {
    global::object(members).text("ask", wish).value("id", &id.into())
}

/// Something to tell the other side.
pub(super) fn tell(what: &str) -> Object {
    Object::new().text("tell", what)
}

/// The answer to an ask.
pub(super) fn answer(id: u32, name: &str, what: &JsValue) -> Object {
    Object::new().value("id", &id.into()).value(name, what)
}

/// A text of a message. Longer ones than a URL can be are not read into this memory at all.
fn text(message: &JsValue, name: &str) -> Option<String> {
    let text = member(message, name);
    if is_too_long(&text) { None } else { text.as_string() }
}

/// No text that a page says is longer than this.
const MAX_TEXT: u32 = 1024 * 1024;

fn is_too_long(text: &JsValue) -> bool {
    text.dyn_ref::<JsString>().is_some_and(|text| text.length() > MAX_TEXT)
}

/// Whether a member of the options is a text that must not be read.
fn has_a_text_that_is_too_long(options: &JsValue) -> bool {
    options.dyn_ref::<Object>().is_some_and(|options| Object::values(options).iter().any(|value| is_too_long(&value)))
}

fn number(message: &JsValue) -> Option<u32> {
    member(message, "id").as_f64().map(|id| id as u32)
}

/// The session that the page believes in. `None` when it does not say.
///
/// # Errors
/// `config_invalid` for what is no number of a session: it must not be taken for the current one.
fn session(message: &JsValue) -> Result<Option<SessionNumber>, Error> {
    let session = member(message, "session");
    if session.is_undefined() || session.is_null() {
        return Ok(None);
    }
    let number = session.as_f64().filter(|number| *number >= 0.0 && *number < 9_007_199_254_740_992.0 && number.fract() == 0.0);
    let invalid = || Error::with_detail(Code::ConfigInvalid, "session: not a number that a state has shown");
    number.map(|number| Some(SessionNumber::from_u64(number as u64))).ok_or_else(invalid)
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
    if is_too_long(options) || has_a_text_that_is_too_long(options) {
        return Err(Error::with_detail(Code::ConfigInvalid, "the options have a text of more than 1048576 characters"));
    }
    value::read(options).ok_or_else(|| Error::with_detail(Code::ConfigInvalid, "the options are not plain values"))
}
