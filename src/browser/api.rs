//! Requests to the app's APIs, with the access token.

use std::rc::Rc;

use js_sys::{Array, Object};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{AbortSignal, Request, Response};

use super::driver::Driver;
use super::global::{Members as _, call, construct, member, promised, set, with};
use super::page::Page;
use crate::protocol::error::{Code, Error};
use crate::protocol::secret::AccessToken;
use crate::session::{Answer, CallId, Input, SessionNumber, TokenGeneration};

/// Sends the request with a valid access token. After a 401, sends it once more with a new token, if its body
/// can be sent again. All of this belongs to the session in which the page made the call: once that session has
/// ended, nothing more is sent, and the page gets no response.
pub(crate) async fn fetch(
    driver: &Rc<Driver>,
    page: Rc<dyn Page>,
    mut call_id: CallId,
    session: Option<SessionNumber>,
    mut request: Request,
    again: bool,
) -> Result<Response, Error> {
    // This is the URL as the browser has parsed it: what is checked is what is fetched.
    let url = member(&request, "url").as_string().unwrap_or_default();
    let api = Some(driver.config().api_for(&url)?);
    let mut input = Input::Token { call_id, session, api };
    let mut refused = None;
    loop {
        let Token { token, generation, session } = match token(driver.put(call_id, input, Rc::clone(&page)).await) {
            Ok(token) => token,
            Err(error) if error.code() == Code::NotSignedIn => return Err(error),
            // The API's own response says more than the error of the failed renewal.
            Err(error) => return refused.ok_or(error),
        };
        let spare = if again && refused.is_none() { request.clone().ok() } else { None };
        let response = send(driver, &request, &token).await;
        if !driver.is_current(session) {
            return Err(Code::NotSignedIn.into());
        }
        let response = response?;
        let Some(spare) = spare.filter(|_| response.status() == 401) else { return Ok(response) };
        (request, refused) = (spare, Some(response));
        call_id = driver.next_call_id();
        input = Input::TokenRefused { call_id, session, generation, api };
    }
}

/// An access token, its generation, and its session.
pub(crate) struct Token {
    token: AccessToken,
    pub(crate) generation: TokenGeneration,
    pub(crate) session: SessionNumber,
}

/// The access token of an answer.
pub(crate) fn token(answer: Result<Answer, Error>) -> Result<Token, Error> {
    match answer? {
        Answer::Token { access_token, generation, session } => Ok(Token { token: access_token, generation, session }),
        _ => Err(Code::NotSignedIn.into()),
    }
}

#[cfg_attr(not(feature = "inspect"), allow(unused_variables, reason = "used only to report the request"))]
async fn send(driver: &Driver, request: &Request, token: &AccessToken) -> Result<Response, Error> {
    #[cfg(feature = "inspect")]
    let in_flight = super::inspect::InFlight::now(super::Purpose::Api, request.method(), &request.url());
    let bearer = token.to_bearer();
    call(&member(request, "headers"), "set", with().text("authorization").text(bearer.expose())).map_err(network)?;
    let response = promised(&js_sys::global(), "fetch", with().value(request)).await;
    let response = response.map(JsValue::unchecked_into::<Response>);
    #[cfg(feature = "inspect")]
    driver.report(&in_flight.ended(response.as_ref().ok().map(Response::status)));
    let response = response.map_err(|_| Error::new(Code::Network).at(&request.url()))?;
    // A redirect could lead anywhere. The browser does not reveal its target, and does not follow it.
    if member(&response, "type").as_string().as_deref() == Some("opaqueredirect") {
        return Err(Code::ApiRedirected.into());
    }
    Ok(response)
}

/// Makes a request to be sent with a token. `init` is read as the browser's own `fetch` reads it, except that
/// `redirect` and `signal` are fixed, and so is `mode`, unless it is `same-origin`: the others send no token.
pub(crate) fn request(url: &str, init: Object, signal: &AbortSignal) -> Result<Request, JsValue> {
    let mode = if member(&init, "mode") == "same-origin" { "same-origin" } else { "cors" };
    let init = init.text("mode", mode).text("redirect", "manual").value("signal", signal);
    if let Some(entries) = member(&init, "body").dyn_ref::<Array>() {
        set(&init, "body", &form(entries)?);
    }
    Request::new_with_str_and_init(url, &init.unchecked_into())
}

/// The form that has these entries. A form itself cannot be sent over a port.
fn form(entries: &Array) -> Result<JsValue, JsValue> {
    let form = construct("FormData", with())?;
    for entry in entries.iter() {
        let entry = Array::from(&entry);
        call(&form, "append", with().value(&entry.get(0)).value(&entry.get(1)))?;
    }
    Ok(form)
}

fn network(_: JsValue) -> Error {
    Code::Network.into()
}
