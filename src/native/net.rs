//! Requests to the provider.

use core::time::Duration;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, redirect};

use super::clock;
use crate::protocol::error::{Code, Error};
use crate::protocol::http::{Body, Request, Response};
use crate::protocol::json::Value;
use crate::protocol::secret::Secret;
use crate::protocol::time::Timestamp;
use crate::session::Transport;
use zeroize::Zeroizing;

/// A response of the provider is not longer than this, in bytes. Discovery documents and key sets have a few KB.
const MAX_BODY: usize = 1 << 20;

/// How long connecting takes at most.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// How long an API may be silent. A slow response that keeps coming takes as long as it takes.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a server may take to say the time.
const TIME_TIMEOUT: Duration = Duration::from_secs(5);

/// A client that follows no redirect: neither a token nor a code ever goes to where a redirect leads.
pub(super) struct Client {
    /// By the proxy of the environment, if there is one.
    remote: reqwest::Client,
    /// By none: http is for this machine only, and a proxy elsewhere would get everything in clear text.
    local: reqwest::Client,
}

impl Client {
    pub(super) fn new() -> Result<Self, Error> {
        let failed = |error: reqwest::Error| Error::with_detail(Code::InsecureContext, describe(&error));
        let remote = builder().build().map_err(failed)?;
        let local = builder().no_proxy().build().map_err(failed)?;
        Ok(Self { remote, local })
    }

    pub(super) async fn execute(&self, request: reqwest::Request) -> reqwest::Result<reqwest::Response> {
        let client = if request.url().scheme() == "http" { &self.local } else { &self.remote };
        client.execute(request).await
    }
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .referer(false)
        .dns_resolver(Arc::new(Names))
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
}

/// Resolves names as the system does, and names of this machine without asking anybody: not every system knows
/// `*.localhost` \[RFC 6761 §6.3].
struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str();
            let addresses: Addrs = if host == "localhost" || host.ends_with(".localhost") {
                Box::new([SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))].into_iter())
            } else {
                Box::new(tokio::net::lookup_host((host, 0)).await?.collect::<Vec<_>>().into_iter())
            };
            Ok(addresses)
        })
    }
}

/// What went wrong, without the URL: it can contain a code.
fn describe(error: &reqwest::Error) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}

/// Sends a request to the provider, with its signed proof if it has one, and reads the whole response before the timeout.
pub(super) async fn send(
    client: &Client,
    request: &Request,
    timeout: Duration,
    proof: Option<&str>,
) -> Result<Response, Transport> {
    exchange(client, prepare(request, proof)?, timeout).await
}

/// Sends a request that is ready, and reads the whole response before the timeout.
pub(super) async fn exchange(client: &Client, request: reqwest::Request, timeout: Duration) -> Result<Response, Transport> {
    let work = async {
        let response = client.execute(request).await.map_err(|error| transport(&error))?;
        // A redirect is no response of the provider \[RFC 6749 §3.2].
        if response.status().is_redirection() {
            return Err(Transport::Failed);
        }
        read(response).await
    };
    tokio::time::timeout(timeout, work).await.unwrap_or(Err(Transport::TimedOut))
}

fn prepare(request: &Request, proof: Option<&str>) -> Result<reqwest::Request, Transport> {
    let method = if request.body.is_some() { Method::POST } else { Method::GET };
    let mut prepared = to(method, &request.url).ok_or(Transport::Failed)?;
    *prepared.headers_mut() = headers(request, proof)?;
    if let Some(body) = &request.body {
        let (content_type, text) = match body {
            Body::Form(form) => ("application/x-www-form-urlencoded", form.expose()),
            Body::Json(json) => ("application/json", json.as_str()),
        };
        prepared.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        *prepared.body_mut() = Some(text.to_owned().into());
    }
    Ok(prepared)
}

fn to(method: Method, url: &str) -> Option<reqwest::Request> {
    Some(reqwest::Request::new(method, url.parse().ok()?))
}

fn headers(request: &Request, proof: Option<&str>) -> Result<HeaderMap, Transport> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(token) = &request.bearer {
        let header = if request.proof.is_some() { token.to_dpop() } else { token.to_bearer() };
        headers.insert(AUTHORIZATION, secret_header(&header)?);
    }
    if let Some(proof) = proof {
        headers.insert(DPOP, HeaderValue::from_str(proof).map_err(|_| Transport::Failed)?);
    }
    Ok(headers)
}

/// The header of a proof \[RFC 9449 §4.1].
pub(super) const DPOP: HeaderName = HeaderName::from_static("dpop");

/// The header of a server's nonce \[RFC 9449 §8].
pub(super) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// A header that does not print itself.
pub(super) fn secret_header(text: &Secret) -> Result<HeaderValue, Transport> {
    let mut value = HeaderValue::from_str(text.expose()).map_err(|_| Transport::Failed)?;
    value.set_sensitive(true);
    Ok(value)
}

async fn read(mut response: reqwest::Response) -> Result<Response, Transport> {
    let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(|error| transport(&error))? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(Transport::Failed);
        }
        // A buffer that grows by itself leaves its old contents behind.
        if body.capacity() - body.len() < chunk.len() {
            let mut larger = Zeroizing::new(Vec::with_capacity((body.len() + chunk.len()) * 2));
            larger.extend_from_slice(&body);
            body = larger;
        }
        body.extend_from_slice(&chunk);
    }
    // As a browser reads text: what is not UTF-8 is replaced, and then is no JSON.
    let body = Secret::new(String::from_utf8_lossy(&body).into_owned());
    Ok(Response {
        status,
        body,
        retry_after: text_of(&headers, "retry-after").and_then(retry_after),
        dpop_nonce: text_of(&headers, DPOP_NONCE.as_str()).map(str::to_owned),
        www_authenticate: text_of(&headers, "www-authenticate").map(str::to_owned),
    })
}

pub(super) fn text_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn transport(error: &reqwest::Error) -> Transport {
    if error.is_timeout() { Transport::TimedOut } else { Transport::Failed }
}

/// Reads `Retry-After`: seconds, or a date \[RFC 9110 §10.2.3].
fn retry_after(text: &str) -> Option<Duration> {
    match whole_number(text) {
        Some(seconds) => Some(Duration::from_secs(seconds)),
        None => httpdate::parse_http_date(text).ok()?.duration_since(SystemTime::now()).ok(),
    }
}

fn whole_number(text: &str) -> Option<u64> {
    u64::try_from(Value::parse(text.as_bytes())?.as_integer()?).ok()
}

/// Asks a server for the time: the `Date` of its response \[RFC 9110 §6.6.1], plus the `Age` that a cache gave it
/// \[RFC 9111 §5.1].
pub(super) async fn server_time(client: &Client, url: &str) -> Option<Timestamp> {
    let response = tokio::time::timeout(TIME_TIMEOUT, client.execute(to(Method::HEAD, url)?)).await.ok()?.ok()?;
    let date = httpdate::parse_http_date(text_of(response.headers(), "date")?).ok()?;
    let age = text_of(response.headers(), "age").and_then(whole_number).unwrap_or(0);
    Some(clock::wall(date).plus(Duration::from_secs(age)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_read_in_seconds_and_as_a_date() {
        assert_eq!(retry_after("120"), Some(Duration::from_secs(120)));
        let later = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(100));
        assert!(retry_after(&later).is_some_and(|delay| delay > Duration::from_secs(95)));
        for other in ["", "-1", "soon", "Thu, 01 Jan 1970 00:00:00 GMT"] {
            assert_eq!(retry_after(other), None, "{other}");
        }
    }
}
