//! Requests to the app's APIs, with the access token.

use std::rc::Rc;

use js_sys::{Array, Object};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{AbortSignal, Request, Response};

use super::driver::Driver;
use super::global::{Members as _, call, construct, member, promised, set, with};
use super::page::Page;
use crate::protocol::challenge::Challenge;
use crate::protocol::dpop::KeyId;
use crate::protocol::error::{Code, Error};
use crate::protocol::secret::AccessToken;
use crate::session::{Answer, CallId, Input, SessionNumber, TokenGeneration};

/// Sends the request with a valid access token. After a 401, sends it once more with a new token, if its body
/// can be sent again and another token can help. All of this belongs to the session in which the page made the call: once that
/// session has ended, nothing more is sent, and the page gets no response.
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
        let Token { token, generation, session, key } = match token(driver.put(call_id, input, Rc::clone(&page)).await) {
            Ok(token) => token,
            Err(error) if error.code() == Code::NotSignedIn => return Err(error),
            // The API's own response says more than the error of the failed renewal.
            Err(error) => return refused.ok_or(error),
        };
        // A request that is sent for the second time is copied for another proof only.
        let again = again && (refused.is_none() || key.is_some());
        let sent = Sending { driver, token: &token, key, session }.send(request, again).await;
        if !driver.is_current(session) {
            return Err(Code::NotSignedIn.into());
        }
        let (response, spare) = sent?;
        let challenge = challenge(&response).unwrap_or_default();
        if let Some(step_up) = Challenge::step_up(&challenge, token.expose()) {
            return Err(Error::with_step_up(step_up));
        }
        // Another token does not help an API that wants another proof.
        let is_final = response.status() != 401 || refused.is_some() || Challenge::wants_nonce(&challenge);
        let Some(spare) = spare.filter(|_| !is_final) else { return Ok(response) };
        (request, refused) = (spare, Some(response));
        call_id = driver.next_call_id();
        input = Input::TokenRefused { call_id, session, generation, api };
    }
}

/// Why the API refuses the request, if it says so and lets the app read it (CORS).
fn challenge(response: &Response) -> Option<String> {
    if response.status() == 401 { header(response, "www-authenticate") } else { None }
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).ok().flatten()
}

/// An access token, its generation, its session, and the key that it is bound to.
pub(crate) struct Token {
    pub(crate) token: AccessToken,
    pub(crate) generation: TokenGeneration,
    pub(crate) session: SessionNumber,
    pub(crate) key: Option<KeyId>,
}

/// The access token of an answer.
pub(crate) fn token(answer: Result<Answer, Error>) -> Result<Token, Error> {
    match answer? {
        Answer::Token { access_token, generation, session, key } => Ok(Token { token: access_token, generation, session, key }),
        _ => Err(Code::NotSignedIn.into()),
    }
}

/// What a request is sent with.
struct Sending<'a> {
    driver: &'a Driver,
    token: &'a AccessToken,
    key: Option<KeyId>,
    session: SessionNumber,
}

impl Sending<'_> {
    /// Sends a request, and returns a copy that can be sent again if `again`. If the API wants another proof, it has done
    /// nothing yet: the request is sent once more, with the nonce that came with that answer \[RFC 9449 §9].
    async fn send(&self, request: Request, again: bool) -> Result<(Response, Option<Request>), Error> {
        let spare = if again { request.clone().ok() } else { None };
        let (response, has_nonce) = self.send_once(&request).await?;
        let Some(request) = spare else { return Ok((response, None)) };
        let wants_proof = has_nonce && challenge(&response).is_some_and(|challenge| Challenge::wants_nonce(&challenge));
        if !wants_proof || !self.driver.is_current(self.session) {
            return Ok((response, Some(request)));
        }
        let spare = request.clone().ok();
        let (response, _) = self.send_once(&request).await?;
        Ok((response, spare))
    }

    /// Returns the response, and whether it came with a nonce for the next proof.
    async fn send_once(&self, request: &Request) -> Result<(Response, bool), Error> {
        let proof = match self.key {
            Some(key) => Some(self.driver.proof(key, &request.method(), &request.url(), Some(self.token)).await?),
            None => None,
        };
        // Signing takes a moment, in which the session can end.
        if !self.driver.is_current(self.session) {
            return Err(Code::NotSignedIn.into());
        }
        let response = send(self.driver, request, self.token, proof.as_deref()).await?;
        let nonce = || header(&response, "dpop-nonce");
        let has_nonce = self.key.is_some() && self.driver.note_nonce(&request.url(), nonce().as_deref());
        Ok((response, has_nonce))
    }
}

#[cfg_attr(not(feature = "inspect"), allow(unused_variables, reason = "used only to report the request"))]
async fn send(driver: &Driver, request: &Request, token: &AccessToken, proof: Option<&str>) -> Result<Response, Error> {
    #[cfg(feature = "inspect")]
    let in_flight = super::inspect::InFlight::now(super::Purpose::Api, request.method(), &request.url());
    let headers = member(request, "headers");
    let authorization = if proof.is_some() { token.to_dpop() } else { token.to_bearer() };
    call(&headers, "set", with().text("authorization").text(authorization.expose())).map_err(network)?;
    if let Some(proof) = proof {
        call(&headers, "set", with().text("dpop").text(proof)).map_err(network)?;
    }
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
