//! Requests to the app's APIs, with the access token.

use std::rc::Rc;

use js_sys::Object;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{AbortSignal, Request, Response};

use super::driver::Driver;
use super::global::{Members as _, call, member, promised, with};
use super::page::Page;
use crate::protocol::error::{Code, Error};
use crate::protocol::secret::AccessToken;
use crate::session::{Answer, Ask, Input, SessionNumber};

/// Sends the request with a good access token, and once more with a new one after a 401, if its
/// body can be sent again. All of it happens in the session in which the page made the call: when
/// that is gone, nothing more is sent, and no response is handed to the page.
pub(crate) async fn fetch(
    driver: &Rc<Driver>,
    page: Rc<dyn Page>,
    mut ask: Ask,
    session: Option<SessionNumber>,
    mut request: Request,
    again: bool,
) -> Result<Response, Error> {
    // The address is the browser's own spelling: what is checked is what is fetched.
    let url = member(&request, "url").as_string().unwrap_or_default();
    let api = Some(driver.config().api_for(&url)?);
    let mut input = Input::Token { ask, session };
    let mut refused = None;
    loop {
        let Token { token, generation, session } = match token(driver.put(ask, input, Rc::clone(&page)).await) {
            Ok(token) => token,
            Err(error) if error.code() == Code::NotSignedIn => return Err(error),
            // The API's own answer says more than a renewal that could not be made.
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
        ask = driver.next_ask();
        input = Input::TokenRefused { ask, session: Some(session), generation, api };
    }
}

/// An access token, which one it is, and of which session.
pub(crate) struct Token {
    token: AccessToken,
    pub(crate) generation: u32,
    pub(crate) session: SessionNumber,
}

/// The access token that was asked for.
pub(crate) fn token(answer: Result<Answer, Error>) -> Result<Token, Error> {
    match answer? {
        Answer::Token { access_token, generation, session } => Ok(Token { token: access_token, generation, session }),
        _ => Err(Code::NotSignedIn.into()),
    }
}

#[cfg_attr(not(feature = "inspect"), allow(unused_variables, reason = "nobody is told"))]
async fn send(driver: &Driver, request: &Request, token: &AccessToken) -> Result<Response, Error> {
    #[cfg(feature = "inspect")]
    let begun = super::inspect::Begun::now(super::Purpose::Api, request.method(), &request.url());
    let bearer = token.to_bearer();
    call(&member(request, "headers"), "set", with().text("authorization").text(bearer.expose())).map_err(network)?;
    let response = promised(&js_sys::global(), "fetch", with().value(request)).await;
    let response = response.map(JsValue::unchecked_into::<Response>);
    #[cfg(feature = "inspect")]
    driver.tell_of(&begun.ended(response.as_ref().ok().map(Response::status)));
    let response = response.map_err(network)?;
    // A redirect could lead anywhere. The browser does not say where, and it is not followed.
    if member(&response, "type").as_string().as_deref() == Some("opaqueredirect") {
        return Err(Code::ApiRedirected.into());
    }
    Ok(response)
}

/// A request that is to be sent with a token: what the page says of it is taken as the browser's own
/// `fetch` takes it, but for where it may lead.
pub(crate) fn request(url: &str, init: Object, signal: &AbortSignal) -> Result<Request, JsValue> {
    let init = init.text("mode", "cors").text("redirect", "manual").value("signal", signal);
    Request::new_with_str_and_init(url, &init.unchecked_into())
}

fn network(_: JsValue) -> Error {
    Code::Network.into()
}
