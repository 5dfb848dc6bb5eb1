//! A program that acts for itself: OAuth 2.0 client credentials \[RFC 6749 §4.4].

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Request, Response, StatusCode};
use tokio::sync::{Mutex, OnceCell};

use super::{api, clock, net};
use crate::protocol::config::{Config, Provider, TokenIndex, Use};
use crate::protocol::error::{Code, Error};
use crate::protocol::form::Form;
use crate::protocol::http;
use crate::protocol::metadata::ProviderMetadata;
use crate::protocol::secret::{AccessToken, Secret};
use crate::protocol::time::{Deadline, Now};
use crate::protocol::token::TokenResponse;
use crate::session::Transport;

/// The timeout of a request to the provider.
const TIMEOUT: Duration = Duration::from_secs(15);

/// After a failure, the provider is asked again no sooner than after this time, and no later than after the other, whatever
/// it says with `Retry-After`.
const PAUSE: Duration = Duration::from_secs(1);
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// A token that has replaced a refused one is not replaced before this time: an API that refuses every token would cause a
/// request with each call.
const NEW: Duration = Duration::from_secs(60);

/// The secret of a confidential client. It does not print itself, and is overwritten when dropped.
#[derive(Clone)]
pub struct ClientSecret(Secret);

impl ClientSecret {
    /// Takes ownership of the secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(Secret::new(secret.into()))
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret([redacted])")
    }
}

/// A client of the type Machine-to-Machine: a program with a secret of its own, without a user.
///
/// It obtains an access token when it needs one, keeps it in memory until shortly before it expires, and makes one request
/// for any number of callers. Clients with a secret belong on servers: whoever has the program has the secret.
///
/// ```no_run
/// use wristband_spa_auth::native::{ClientSecret, Machine};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let secret = ClientSecret::new(std::env::var("CLIENT_SECRET")?);
/// let machine = Machine::wristband("invotastic-acme.us.wristband.dev", "client-id", secret, ["https://api.example/v1/"])?;
/// println!("{}", machine.get("https://api.example/v1/invoices").await?.status());
/// # Ok(())
/// # }
/// ```
pub struct Machine {
    client: net::Client,
    config: Config,
    metadata: OnceCell<ProviderMetadata>,
    scope: Option<String>,
    secret: ClientSecret,
    /// Whoever asks for a token waits here for the one who is asking the provider.
    last: Mutex<Last>,
}

/// What the provider answered last.
#[derive(Default)]
struct Last {
    failure: Option<Failed>,
    token: Option<Cached>,
}

struct Cached {
    access_token: AccessToken,
    /// Until then, another token would be refused as this one is: it has itself replaced one that an API refused.
    is_final: Option<Deadline>,
    /// `None` if the provider does not say how long it lives: until an API refuses it.
    renews: Option<Deadline>,
}

/// The provider is not asked again until then.
struct Failed {
    error: Error,
    until: Deadline,
}

impl Machine {
    /// A client of a Wristband application, with the URL prefixes that may receive the token.
    ///
    /// # Errors
    /// `config_invalid`, naming what is wrong.
    pub fn wristband<T: Into<String>>(
        application_vanity_domain: impl Into<String>,
        client_id: impl Into<String>,
        secret: ClientSecret,
        apis: impl IntoIterator<Item = T>,
    ) -> Result<Self, Error> {
        Self::new(Config::wristband(application_vanity_domain, client_id, NO_REDIRECT).apis(apis).build()?, secret)
    }

    /// A client of any other OpenID provider, which is discovered from its issuer.
    ///
    /// # Errors
    /// `config_invalid`, naming what is wrong.
    pub fn openid<T: Into<String>>(
        issuer: impl Into<String>,
        client_id: impl Into<String>,
        secret: ClientSecret,
        apis: impl IntoIterator<Item = T>,
    ) -> Result<Self, Error> {
        Self::new(Config::openid(issuer, client_id, NO_REDIRECT).apis(apis).build()?, secret)
    }

    /// A client with these settings, of which it uses the provider, the client's id, the APIs, `token_params` (such as an
    /// `audience`), `renewal_margin` and `allow_insecure_loopback`.
    ///
    /// # Errors
    /// `config_invalid` if the secret is empty, or for a setting that asks for more than one token, or for one that is bound.
    pub fn new(config: Config, secret: ClientSecret) -> Result<Self, Error> {
        let invalid = |detail: &'static str| Err(Error::with_detail(Code::ConfigInvalid, detail));
        if secret.0.expose().is_empty() {
            return invalid("the client secret: empty");
        }
        if (0..config.apis().len()).any(|api| config.token_for(Some(api)) != TokenIndex::FIRST) {
            return invalid("apis: one Machine has one token; make another for an API with a token of its own");
        }
        if config.dpop() != Use::Off {
            return invalid("dpop: a Machine has bearer tokens");
        }
        let known = match config.provider() {
            Provider::Wristband(application) => Some(ProviderMetadata::wristband(application)),
            Provider::OpenId(provider) => ProviderMetadata::written(provider, config.allow_insecure_loopback()),
        };
        let metadata = OnceCell::new_with(known);
        Ok(Self { client: net::Client::new()?, config, metadata, scope: None, secret, last: Mutex::default() })
    }

    /// The scopes to request, separated by spaces \[RFC 6749 §3.3]. Without it, the provider decides.
    #[must_use]
    pub fn scope(self, scope: impl Into<String>) -> Self {
        Self { scope: Some(scope.into()), ..self }
    }

    /// A valid access token: the last one, or a new one if that one is about to expire.
    ///
    /// # Errors
    /// `provider_rejected` with the provider's own error, such as `invalid_client` if the id or the secret is wrong;
    /// `provider_unavailable`, `provider_response_invalid`, `metadata_invalid`, `network`, `timeout`.
    pub async fn access_token(&self) -> Result<AccessToken, Error> {
        self.token(&mut *self.last.lock().await, |_| true).await
    }

    /// Sends a request with the access token, if its URL belongs to a listed API. After a 401, it is sent once more with a
    /// new token, if its body can be. Redirects are not followed.
    ///
    /// # Errors
    /// `address_not_listed`, `api_redirected`, `network`, `timeout`, and those of [`access_token`](Self::access_token).
    pub async fn fetch(&self, request: Request) -> Result<Response, Error> {
        self.config.api_for(request.url().as_str())?;
        let spare = request.try_clone();
        let token = self.access_token().await?;
        let response = self.send(request, &token).await?;
        let Some(request) = spare.filter(|_| response.status() == StatusCode::UNAUTHORIZED) else { return Ok(response) };
        match self.other_than(&token).await? {
            Some(other) => self.send(request, &other).await,
            None => Ok(response),
        }
    }

    /// [`fetch`](Self::fetch) for a plain `GET`.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch); `address_not_listed` also if `url` is not a URL.
    pub async fn get(&self, url: &str) -> Result<Response, Error> {
        let url = url.parse().map_err(|_| Error::new(Code::AddressNotListed))?;
        self.fetch(Request::new(reqwest::Method::GET, url)).await
    }

    async fn send(&self, mut request: Request, token: &AccessToken) -> Result<Response, Error> {
        let invalid = |_| Error::with_detail(Code::ProviderResponseInvalid, "access_token");
        request.headers_mut().insert(AUTHORIZATION, net::secret_header(&token.to_bearer()).map_err(invalid)?);
        api::send(&self.client, request).await
    }

    /// A valid access token that is not the refused one. `None` if there is no use in asking for another.
    async fn other_than(&self, refused: &AccessToken) -> Result<Option<AccessToken>, Error> {
        let mut last = self.last.lock().await;
        let now = clock::now();
        let is_final = |token: &&mut Cached| token.is_final.is_some_and(|until| !until.reached_on_either_clock(now));
        if last.token.as_mut().filter(|token| token.access_token == *refused).as_ref().is_some_and(is_final) {
            return Ok(None);
        }
        let other = self.token(&mut last, |token| token != refused).await?;
        if let Some(token) = &mut last.token {
            token.is_final = Some(Deadline::after(now, NEW));
        }
        Ok(Some(other))
    }

    /// The last token, if it can be used, or a new one. The lock is held during the request: it is made once, whoever waits.
    async fn token(&self, last: &mut Last, can_be_used: impl Fn(&AccessToken) -> bool) -> Result<AccessToken, Error> {
        let now = clock::now();
        let is_due = |token: &Cached| token.renews.is_some_and(|renews| renews.reached_on_either_clock(now));
        if let Some(token) = last.token.as_ref().filter(|token| !is_due(token) && can_be_used(&token.access_token)) {
            return Ok(token.access_token.clone());
        }
        if let Some(failure) = last.failure.as_ref().filter(|failure| !failure.until.reached_on_either_clock(now)) {
            return Err(failure.error.clone());
        }
        match self.request_token().await {
            Ok(tokens) => {
                let access_token = tokens.access_token.clone();
                *last = Last { failure: None, token: Some(self.cached(tokens, now)) };
                Ok(access_token)
            }
            Err((error, pause)) => {
                let pause = pause.unwrap_or_default().clamp(PAUSE, MAX_PAUSE);
                last.failure = Some(Failed { error: error.clone(), until: Deadline::after(clock::now(), pause) });
                Err(error)
            }
        }
    }

    fn cached(&self, tokens: TokenResponse, now: Now) -> Cached {
        let lifetime = |lifetime: Duration| lifetime.saturating_sub(self.config.renewal_margin().min(lifetime / 4));
        Cached {
            access_token: tokens.access_token,
            is_final: None,
            renews: tokens.expires_in.map(|expires_in| Deadline::after(now, lifetime(expires_in))),
        }
    }

    /// Fails with the pause that the provider asks for.
    async fn request_token(&self) -> Result<TokenResponse, (Error, Option<Duration>)> {
        let metadata = self.metadata.get_or_try_init(|| self.discover()).await.map_err(|error| (error, None))?;
        let response = self.ask(metadata).await.map_err(|error| (error, None))?;
        let failed = |error: Error| (error.at(metadata.token_endpoint()), response.retry_after);
        TokenResponse::parse(&response).map(|tokens| *tokens).map_err(|failure| failed(failure.error))
    }

    async fn ask(&self, metadata: &ProviderMetadata) -> Result<http::Response, Error> {
        let endpoint = metadata.token_endpoint();
        let failed = |_| Error::with_detail(Code::ConfigInvalid, "the client's id or secret cannot be sent");
        let mut request = Request::new(reqwest::Method::POST, endpoint.parse().map_err(|_| Error::new(Code::MetadataInvalid))?);
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(AUTHORIZATION, net::secret_header(&basic(self.config.client_id(), &self.secret)).map_err(failed)?);
        *request.body_mut() = Some(self.form().expose().to_owned().into());
        net::exchange(&self.client, request, TIMEOUT).await.map_err(|error| transport(error).at(endpoint))
    }

    fn form(&self) -> Secret {
        let mut form = Form::default();
        form.put("grant_type", Some("client_credentials"));
        form.put("scope", self.scope.as_deref());
        self.config.token_params(TokenIndex::FIRST).put_into(&mut form);
        form.into_secret()
    }

    async fn discover(&self) -> Result<ProviderMetadata, Error> {
        let Provider::OpenId(provider) = self.config.provider() else { return Err(Code::MetadataInvalid.into()) };
        let request: http::Request = ProviderMetadata::request(provider);
        let response = net::send(&self.client, &request, TIMEOUT, None).await.map_err(transport);
        let metadata = response.and_then(|response| ProviderMetadata::parse(&response, &self.config));
        metadata.map_err(|error| error.at(&request.url))
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine").field("client_id", &self.config.client_id()).finish_non_exhaustive()
    }
}

/// No browser comes back to a program without a user.
const NO_REDIRECT: &str = "http://127.0.0.1/";

fn transport(transport: Transport) -> Error {
    Error::new(match transport {
        Transport::Failed => Code::Network,
        Transport::TimedOut => Code::Timeout,
    })
}

/// The header `Authorization`, with the id and the secret each encoded as in a form \[RFC 6749 §2.3.1, appendix B].
fn basic(client_id: &str, secret: &ClientSecret) -> Secret {
    let encoded = |text: &str| {
        let mut form = Form::default();
        form.put("", Some(text));
        // After the equals sign of the name.
        let form = form.into_secret();
        Secret::new(form.expose().trim_start_matches('=').to_owned())
    };
    let pair = Secret::new([encoded(client_id).expose(), ":", encoded(secret.0.expose()).expose()].concat());
    let encoded = Secret::new(STANDARD.encode(pair.expose()));
    Secret::new(["Basic ", encoded.expose()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_and_the_secret_are_encoded_as_in_a_form() {
        let header = basic("a:b", &ClientSecret::new("p%s w+=ü/"));
        let decoded = STANDARD.decode(header.expose().strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(String::from_utf8(decoded).unwrap(), "a%3Ab:p%25s+w%2B%3D%C3%BC%2F");
    }

    #[test]
    fn an_equals_sign_at_the_start_of_the_secret_stays() {
        let header = basic("id", &ClientSecret::new("=x"));
        assert_eq!(STANDARD.decode(header.expose().strip_prefix("Basic ").unwrap()).unwrap(), b"id:%3Dx");
    }

    #[test]
    fn law_1_the_secret_does_not_print_itself() {
        let machine = Machine::openid("https://id.example/", "id", ClientSecret::new("hunter2"), ["https://api.example/"]).unwrap();
        let printed = format!("{machine:?} {:?}", ClientSecret::new("hunter2"));
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}
