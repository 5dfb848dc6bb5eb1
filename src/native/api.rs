//! Requests to the app's APIs, with the access token.

use reqwest::header::AUTHORIZATION;
use reqwest::{Request, Response, StatusCode};

use super::driver::Driver;
use super::net::{self, DPOP, DPOP_NONCE};
use crate::protocol::challenge::Challenge;
use crate::protocol::dpop::KeyId;
use crate::protocol::error::{Code, Error};
use crate::protocol::secret::{AccessToken, Secret};
use crate::session::{Answer, Input, SessionNumber, TokenGeneration};

/// Sends the request with a valid access token. After a 401, sends it once more with a new token, if its body can be sent
/// again and another token can help. All of this belongs to the session in which the app made the call.
pub(super) async fn fetch(driver: &Driver, mut request: Request) -> Result<Response, Error> {
    // This is the URL as it is sent: what is checked is what is fetched.
    let api = Some(driver.config.api_for(request.url().as_str())?);
    let session = driver.number();
    let mut token = answered(driver.call(|call_id| Input::Token { call_id, session, api }).await)?;
    let mut refused = None;
    loop {
        let spare = if refused.is_none() { request.try_clone() } else { None };
        let sent = Sending { driver, token: &token }.send(request).await;
        if !driver.is_current(token.session) {
            return Err(Code::NotSignedIn.into());
        }
        let response = sent?;
        let challenge = challenge(&response).unwrap_or_default();
        if let Some(step_up) = Challenge::step_up(challenge, token.access_token.expose()) {
            return Err(Error::with_step_up(step_up));
        }
        // Another token does not help an API that wants another proof.
        let is_final = response.status() != StatusCode::UNAUTHORIZED || Challenge::wants_nonce(challenge);
        let Some(spare) = spare.filter(|_| !is_final) else { return Ok(response) };
        (request, refused) = (spare, Some(response));
        let (session, generation) = (token.session, token.generation);
        token = match answered(driver.call(|call_id| Input::TokenRefused { call_id, session, generation, api }).await) {
            Ok(token) => token,
            Err(error) if error.code() == Code::NotSignedIn => return Err(error),
            // The API's own response says more than the error of the failed renewal.
            Err(error) => return refused.ok_or(error),
        };
    }
}

/// An access token, its generation, its session, and the key that it is bound to.
pub(super) struct Token {
    pub(super) access_token: AccessToken,
    generation: TokenGeneration,
    key: Option<KeyId>,
    session: SessionNumber,
}

/// The access token of an answer.
pub(super) fn answered(reply: Result<super::driver::Reply, Error>) -> Result<Token, Error> {
    match reply?.answer {
        Answer::Token { access_token, generation, session, key } => Ok(Token { access_token, generation, key, session }),
        _ => Err(Code::NotSignedIn.into()),
    }
}

/// What a request is sent with.
struct Sending<'a> {
    driver: &'a Driver,
    token: &'a Token,
}

impl Sending<'_> {
    /// Sends a request. If the API wants another proof, it has done nothing yet: the request is sent once more, with the
    /// nonce that came with that answer \[RFC 9449 §9].
    async fn send(&self, request: Request) -> Result<Response, Error> {
        let spare = self.token.key.and_then(|_| request.try_clone());
        let (response, has_nonce) = self.send_once(request).await?;
        let wants_proof = has_nonce && challenge(&response).is_some_and(Challenge::wants_nonce);
        match spare.filter(|_| wants_proof) {
            Some(request) if self.driver.is_current(self.token.session) => Ok(self.send_once(request).await?.0),
            _ => Ok(response),
        }
    }

    /// Returns the response, and whether it came with a nonce for the next proof.
    async fn send_once(&self, mut request: Request) -> Result<(Response, bool), Error> {
        let url = request.url().to_string();
        let invalid = |_| Error::with_detail(Code::AccessTokenRefused, "the access token cannot be sent in a header");
        let authorization = match self.token.key {
            Some(_) => self.token.access_token.to_dpop(),
            None => self.token.access_token.to_bearer(),
        };
        request.headers_mut().insert(AUTHORIZATION, net::secret_header(&authorization).map_err(invalid)?);
        if let Some(key) = self.token.key {
            let proof = self.driver.proof(key, request.method().as_str(), &url, &self.token.access_token)?;
            request.headers_mut().insert(DPOP, net::secret_header(&Secret::new(proof)).map_err(invalid)?);
        }
        let response = send(&self.driver.client, request).await?;
        let nonce = net::text_of(response.headers(), DPOP_NONCE.as_str());
        let has_nonce = self.token.key.is_some() && self.driver.note_nonce(&url, nonce);
        Ok((response, has_nonce))
    }
}

/// Sends a request that has a token. A redirect could lead anywhere, and is not followed.
pub(super) async fn send(client: &net::Client, request: Request) -> Result<Response, Error> {
    let url = request.url().to_string();
    let response = client
        .execute(request)
        .await
        .map_err(|error| Error::new(if error.is_timeout() { Code::Timeout } else { Code::Network }).at(&url))?;
    let is_redirect = response.status().is_redirection() && response.headers().contains_key(reqwest::header::LOCATION);
    if is_redirect { Err(Code::ApiRedirected.into()) } else { Ok(response) }
}

/// Why the API refuses the request, if it says so.
fn challenge(response: &Response) -> Option<&str> {
    if response.status() == StatusCode::UNAUTHORIZED { net::text_of(response.headers(), "www-authenticate") } else { None }
}
