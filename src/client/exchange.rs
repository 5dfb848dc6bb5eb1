//! The requests of an app, and the responses of its APIs.

use js_sys::{JSON, Promise, Uint8Array};
use send_wrapper::SendWrapper;
use serde::de::DeserializeOwned;
use serde::ser::Serialize;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestCache, RequestInit, Url};

use crate::browser::global::{self, member, with};
use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;
use crate::wire::decode;

/// A request to one of the app's APIs. What is wrong with it is reported when it is sent.
///
/// Requests of gloo-net, of any version, and those of web-sys can be sent as well.
#[derive(Debug)]
#[must_use = "a request is sent by `fetch`"]
pub struct Request {
    body: Option<JsValue>,
    cache: Option<RequestCache>,
    headers: Vec<(String, String)>,
    method: String,
    problem: Option<Error>,
    url: String,
}

impl Request {
    /// A request with this method, such as `OPTIONS`.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self { body: None, cache: None, headers: Vec::new(), method: method.into(), problem: None, url: url.into() }
    }

    /// A `GET` request.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new("GET", url)
    }

    /// A `POST` request.
    pub fn post(url: impl Into<String>) -> Self {
        Self::new("POST", url)
    }

    /// A `PUT` request.
    pub fn put(url: impl Into<String>) -> Self {
        Self::new("PUT", url)
    }

    /// A `PATCH` request.
    pub fn patch(url: impl Into<String>) -> Self {
        Self::new("PATCH", url)
    }

    /// A `DELETE` request.
    pub fn delete(url: impl Into<String>) -> Self {
        Self::new("DELETE", url)
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sends this value as JSON.
    pub fn json<T: Serialize + ?Sized>(self, body: &T) -> Self {
        let text = serde_wasm_bindgen::Serializer::json_compatible();
        match body.serialize(&text).map_err(|_| JsValue::UNDEFINED).and_then(|body| JSON::stringify(&body)) {
            Ok(text) => self.header("Content-Type", "application/json").body(text),
            Err(_) => self.refused("the body cannot be written as JSON"),
        }
    }

    /// Sends this body: a string, or anything that the browser's own `fetch` takes.
    pub fn body(self, body: impl Into<JsValue>) -> Self {
        Self { body: Some(body.into()), ..self }
    }

    /// Neither reads the response from the browser's cache nor writes it there.
    pub fn no_store(self) -> Self {
        Self { cache: Some(RequestCache::NoStore), ..self }
    }

    /// Sends the request as the browser's own `fetch` does, without a token: for a file of the app, such as its settings.
    ///
    /// # Errors
    /// `network` if no response arrives, `config_invalid` if the request is wrong.
    pub async fn send(self) -> Result<Response, Error> {
        let request = self.build()?;
        let window = global::get::<JsValue>("self").unwrap_or_default();
        let sent = global::promised(&window, "fetch", with().value(&request));
        sent.await.map(Response::of).map_err(|thrown| interrupted(&thrown))
    }

    fn refused(self, problem: &'static str) -> Self {
        Self { problem: Some(Error::with_detail(Code::ConfigInvalid, ["fetch: ", problem].concat())), ..self }
    }

    fn build(self) -> Result<web_sys::Request, Error> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let refused = |what: &'static str| move |_| Error::with_detail(Code::ConfigInvalid, ["fetch: ", what].concat());
        let headers = Headers::new().map_err(refused("headers"))?;
        for (name, value) in &self.headers {
            headers.append(name, value).map_err(refused("this is no header"))?;
        }
        let init = RequestInit::new();
        init.set_method(&self.method);
        init.set_headers(&headers);
        if let Some(body) = &self.body {
            init.set_body(body);
        }
        if let Some(cache) = self.cache {
            init.set_cache(cache);
        }
        web_sys::Request::new_with_str_and_init(&self.url, &init).map_err(refused("the browser does not accept this request"))
    }
}

/// What can be sent: a [`Request`], and the requests of web-sys and gloo-net.
pub trait IntoRequest {
    /// The browser's own request.
    ///
    /// # Errors
    /// `address_not_listed` if the URL cannot be read, `config_invalid` for anything else that is wrong.
    fn into_request(self) -> Result<web_sys::Request, Error>;
}

impl IntoRequest for Request {
    fn into_request(self) -> Result<web_sys::Request, Error> {
        // A URL that cannot be read belongs to no listed API.
        Url::new(&self.url).map_err(|_| Error::new(Code::AddressNotListed))?;
        self.build()
    }
}

impl<T: Into<web_sys::Request>> IntoRequest for T {
    fn into_request(self) -> Result<web_sys::Request, Error> {
        Ok(self.into())
    }
}

/// The response of an API. It is `Send`, and so are its futures, because many frameworks ask for that; a browser's page has
/// one thread only.
#[derive(Clone, Debug)]
pub struct Response(SendWrapper<web_sys::Response>);

impl Response {
    pub(super) fn of(response: JsValue) -> Self {
        Self(SendWrapper::new(response.unchecked_into()))
    }

    /// The status, such as 200.
    pub fn status(&self) -> u16 {
        self.0.status()
    }

    /// The words for the status, such as `Not Found`. HTTP/2 has none.
    pub fn status_text(&self) -> String {
        self.0.status_text()
    }

    /// Whether the status is 200 to 299.
    pub fn ok(&self) -> bool {
        self.0.ok()
    }

    /// The URL.
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// A header that the API lets pages read. Several values are separated by commas.
    pub fn header(&self, name: &str) -> Option<String> {
        self.0.headers().get(name).ok().flatten()
    }

    /// The body as text.
    ///
    /// # Errors
    /// `network` if the connection breaks, `aborted` if the app aborts the request, `config_invalid` if the body was read before.
    pub fn text(&self) -> impl Future<Output = Result<String, Error>> + Send + use<> {
        let read = self.read(web_sys::Response::text);
        async move { Ok(read.await?.as_string().unwrap_or_default()) }
    }

    /// The body as bytes.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub fn bytes(&self) -> impl Future<Output = Result<Vec<u8>, Error>> + Send + use<> {
        let read = self.read(web_sys::Response::array_buffer);
        async move { read.await.map(|buffer| Uint8Array::new(&buffer).to_vec()) }
    }

    /// The body, read as JSON and decoded into one of the app's types. The status is not looked at.
    ///
    /// # Errors
    /// As [`text`](Self::text); `api_response_invalid`, naming the member that is missing or has the wrong type.
    pub fn json<T: DeserializeOwned>(&self) -> impl Future<Output = Result<T, Error>> + Send + use<T> {
        let text = self.text();
        async move {
            let text = text.await?;
            let invalid = |what: String| Error::with_detail(Code::ApiResponseInvalid, what);
            let value = Value::parse(text.as_bytes()).ok_or_else(|| invalid("not JSON".to_owned()))?;
            T::deserialize(&value).map_err(|error| invalid(error.to_string()))
        }
    }

    /// Begins to read the body.
    fn read(
        &self,
        body: fn(&web_sys::Response) -> Result<Promise, JsValue>,
    ) -> impl Future<Output = Result<SendWrapper<JsValue>, Error>> + Send + use<> {
        let begun = if self.0.body_used() { None } else { body(&self.0).ok() };
        SendWrapper::new(async move {
            let read = begun.ok_or_else(|| Error::with_detail(Code::ConfigInvalid, "fetch: the body was read before"))?;
            JsFuture::from(read).await.map(SendWrapper::new).map_err(|thrown| interrupted(&thrown))
        })
    }

    /// The browser's own response, for everything else.
    pub fn into_raw(self) -> web_sys::Response {
        self.0.take()
    }
}

impl From<Response> for web_sys::Response {
    fn from(response: Response) -> Self {
        response.into_raw()
    }
}

/// Why a body did not arrive whole.
fn interrupted(thrown: &JsValue) -> Error {
    let is_abort = member(thrown, "name").as_string().is_some_and(|name| name == "AbortError");
    if is_abort { Code::Aborted.into() } else { decode::thrown(thrown) }
}
