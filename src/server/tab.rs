//! One tab of the app, as the vault sees it.

use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::{Array, Object};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, MessagePort, ReadableStream, Request, Response};

use super::vault_server::VaultServer;
use super::{body, lock};
use crate::browser::api::Token;
use crate::browser::clock::{self, Timer};
use crate::browser::driver::{BoxFuture, Driver};
use crate::browser::event_listener::EventListener;
use crate::browser::global::{Members as _, call, with};
use crate::browser::oneshot;
use crate::browser::page::Page;
use crate::browser::{api, global, random};
use crate::protocol::error::{Code, Error};
use crate::protocol::url::HttpUrl;
use crate::session::{Answer, CallId, Input, Presence, SessionNumber, State};
use crate::wire::encode;
use crate::wire::message::{self, Along, Command, PageMessage};

/// The vault's end of the port to one tab.
pub(super) struct Tab {
    /// Closes the port, some time after the tab has gone.
    closing: RefCell<Option<Timer>>,
    /// Disconnects the tab, unless it shows that it is alive.
    expiring: Cell<Option<Timer>>,
    server: Weak<VaultServer>,
    /// Whether the tab keeps the vault alive: the vault will notice when it closes.
    keeps_alive: Cell<bool>,
    listening: Cell<Option<EventListener>>,
    /// The lock that the tab is to hold as long as it lives. The vault chooses the name: a name that the page
    /// chose could be that of a lock that is never released.
    lock: RefCell<Option<String>>,
    port: MessagePort,
    /// The API requests in progress, including those whose bodies are still arriving.
    requests: RefCell<Vec<OpenRequest>>,
    /// Senders that are dropped when the page has replaced its URL.
    replacing: RefCell<Vec<oneshot::Sender<()>>>,
}

/// An API request, until the page has its whole response.
struct OpenRequest {
    id: u32,
    abort: AbortController,
    /// Whether the request goes on when its page has gone, as the app asked.
    keepalive: bool,
    /// The session that its response belongs to, once there is one.
    session: Option<SessionNumber>,
}

/// Within this time after its `welcome`, a tab holds its lock or says that it has none.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);

/// A tab without a lock sends `present` more often than this, even in the background.
pub(super) const PRESENCE: Duration = Duration::from_secs(150);

/// What a tab sends while it is leaving arrives within this time.
const CLOSING_DELAY: Duration = Duration::from_secs(2);

/// A call that the vault has accepted.
enum Accepted {
    /// Opens the session. The outcome of a callback is the value of the answer, not an error of the call.
    Opening(BoxFuture<'static, Answer>),
    /// An API request, whether it can be sent again, and the session that the page names.
    Request(Request, bool, Option<SessionNumber>),
    Work(BoxFuture<'static, Answer>),
    Proof(BoxFuture<'static, String>),
}

/// The result of a call.
enum Reply {
    Nothing,
    /// The response of an API, and its body.
    Response(Response, JsValue),
    Value(JsValue),
}

impl Tab {
    /// Listens to a port. The tab is served from its `hello` on.
    pub(super) fn open(server: &Rc<VaultServer>, port: MessagePort) {
        let tab = Rc::new(Self {
            closing: RefCell::default(),
            expiring: Cell::default(),
            server: Rc::downgrade(server),
            keeps_alive: Cell::new(false),
            listening: Cell::default(),
            lock: RefCell::default(),
            port: port.clone(),
            replacing: RefCell::default(),
            requests: RefCell::default(),
        });
        let listener = Rc::clone(&tab);
        tab.listening.set(Some(EventListener::new(&port, "message", move |event| {
            if let Some((message, along)) = PageMessage::read(&global::member(&event, "data")) {
                listener.receive(message, along);
            }
        })));
        // A port delivers no messages before this.
        let _ = call(&port, "start", with());
    }

    /// The tab has gone: its requests end, except those that are to outlive it. Such requests may still be on
    /// their way to the vault, so the port closes later.
    pub(super) fn close(self: &Rc<Self>) {
        self.requests.borrow_mut().retain(|request| request.keepalive || request.end());
        self.replacing.take();
        self.expiring.set(None);
        let tab = Rc::clone(self);
        self.closing.replace(Some(clock::after(CLOSING_DELAY, move || {
            let _ = call(&tab.port, "close", with());
            // These hold the tab, this timer included. The running closure is freed when it has returned.
            tab.listening.take();
            tab.closing.take();
        })));
    }

    /// The session has changed: ends the requests of earlier sessions, so that no response of theirs reaches a
    /// page.
    pub(super) fn end_requests_of_others(&self, number: Option<SessionNumber>) {
        let is_current = |request: &OpenRequest| request.session.is_none() || request.session == number;
        self.requests.borrow_mut().retain(|request| is_current(request) || request.end());
    }

    /// Sends the state to the tab.
    pub(super) fn show(&self, state: &State, session: Option<SessionNumber>) {
        self.post(&message::event("state").value("state", &encode::state(state, session)));
    }

    /// Sends the log of a request to the tab.
    #[cfg(feature = "inspect")]
    pub(super) fn report_request(&self, exchange: &crate::browser::RequestLog) {
        self.post(&message::event("request").value("request", &crate::browser::value::write(&exchange.to_json())));
    }

    fn receive(self: &Rc<Self>, message: PageMessage, along: Along) {
        let Some(server) = self.server.upgrade() else { return };
        if self.closing.borrow().is_some() {
            // A page that is leaving may send requests that are to outlive it, and nothing else.
            if let PageMessage::Call(id, Ok(command @ Command::Fetch { keepalive: true, .. })) = message {
                self.call(server.driver(), id, Ok(command));
            }
            return;
        }
        if let PageMessage::Hello = message {
            return self.welcome(&server);
        }
        if !server.is_connected(self) {
            return;
        }
        // A page sends this along with other messages, because it can miss the browser's events.
        if let Some(keeps) = along.outlives_pages {
            server.driver().keeps_keys(keeps);
        }
        if let Some(online) = along.online {
            server.driver().handle(Input::Online(online));
        }
        match message {
            PageMessage::Abort(id) => self.end_request(id),
            PageMessage::Active => server.driver().handle(Input::Present(Presence::Active)),
            PageMessage::Bye => server.disconnect(self),
            PageMessage::Call(id, command) => self.call(server.driver(), id, command),
            PageMessage::Hello => {}
            PageMessage::Locked => self.watch(&server),
            PageMessage::Ping => self.post(&message::event("pong")),
            PageMessage::Present => {
                server.start_idle_timer_if_alone(PRESENCE);
                self.expire_after(&server, PRESENCE);
            }
            // Dropping the senders is the notification.
            PageMessage::Replaced => drop(self.replacing.take()),
            PageMessage::RestoredFromCache => server.driver().page_returned(),
            PageMessage::Tick => server.driver().handle(Input::Tick),
        }
    }

    /// Whether the tab keeps the vault alive.
    pub(super) fn keeps_alive(&self) -> bool {
        self.keeps_alive.get()
    }

    /// Connects the tab. If the browser has locks, the tab does not keep the vault alive until it holds the
    /// lock that `welcome` names: without it, the vault would never notice when the tab closes.
    fn welcome(self: &Rc<Self>, server: &Rc<VaultServer>) {
        if !server.add(self) {
            return;
        }
        self.expire_after(server, SIGN_OF_LIFE);
        let (tab, server) = (Rc::clone(self), Rc::clone(server));
        spawn_local(async move {
            let waiting = server.wait_for_lock();
            if let Some(waiting) = waiting {
                // This resolves when the sender is dropped.
                let _ = waiting.await;
            }
            let own = server.lock();
            let lock = own.as_ref().and_then(|_| random::name().ok());
            let lock = lock.map(|name| ["wristband-spa-auth/tab/", &name].concat());
            let welcome = message::event("welcome").text("lock", own.as_deref()).text("tabLock", lock.as_deref());
            tab.lock.replace(lock);
            tab.post(&welcome.value("state", &encode::state(&server.driver().state(), server.driver().number())));
            #[cfg(feature = "inspect")]
            server.report_redirect(&tab);
            // Without locks, a vault of one tab ends with that tab. A shared vault relies on what its tabs
            // send.
            if own.is_none() && !global::is_shared_worker() && server.is_connected(&tab) {
                tab.keep_alive(&server);
            }
        });
    }

    /// The tab holds its lock: it keeps the vault alive until it releases the lock.
    fn watch(self: &Rc<Self>, server: &Rc<VaultServer>) {
        let Some(lock) = self.lock.take() else { return };
        self.keep_alive(server);
        let (tab, server) = (Rc::clone(self), Rc::clone(server));
        spawn_local(async move {
            if lock::released(&lock).await {
                return tab.end(&server);
            }
            // The tab has to send `present` instead.
            tab.keeps_alive.set(false);
            tab.post(&message::event("unwatched"));
            server.start_idle_timer_if_alone(PRESENCE);
            tab.expire_after(&server, PRESENCE);
        });
    }

    fn keep_alive(&self, server: &VaultServer) {
        self.keeps_alive.set(true);
        self.expiring.set(None);
        server.cancel_idle_timer();
    }

    /// Disconnects the tab after this time. A tab that was closed at once, or that crashed, holds no lock that
    /// would be released.
    fn expire_after(self: &Rc<Self>, server: &Rc<VaultServer>, pause: Duration) {
        if self.keeps_alive() {
            return;
        }
        let (tab, server) = (Rc::clone(self), Rc::downgrade(server));
        self.expiring.set(Some(clock::after(pause, move || {
            if let Some(server) = server.upgrade() {
                tab.end(&server);
            }
        })));
    }

    fn end(self: &Rc<Self>, server: &Rc<VaultServer>) {
        // A page that is still alive reconnects.
        self.post(&message::event("bye"));
        server.disconnect(self);
    }

    /// Whether messages may be sent to the page. A page that has gone may be in the back/forward cache, and a
    /// message would evict it.
    fn is_alive(&self) -> bool {
        self.server.upgrade().is_some_and(|server| server.is_connected(self))
    }

    fn call(self: &Rc<Self>, driver: Rc<Driver>, id: u32, command: Result<Command, Error>) {
        let (tab, page, call_id) = (Rc::clone(self), Rc::<Self>::clone(self) as Rc<dyn Page>, driver.next_call_id());
        match command.and_then(|command| self.accept(&driver, call_id, id, command)) {
            Ok(Accepted::Request(request, again, session)) => spawn_local(async move {
                let answer = response(&driver, page, call_id, session, request, again).await;
                match &answer {
                    // Only the page knows when it has read the body to its end: it sends `abort` then.
                    Ok(Reply::Response(_, body)) if tab.is_alive() && body.is_instance_of::<ReadableStream>() => {
                        tab.note_session(id, driver.number());
                    }
                    // A page that has gone does not read the body.
                    _ if !tab.is_alive() => tab.end_request(id),
                    _ => drop(tab.take_request(id)),
                }
                tab.answer(id, answer);
            }),
            Ok(Accepted::Opening(work)) => spawn_local(async move {
                let reply = match work.await {
                    Ok(Answer::SignedIn) => Ok(Reply::Value(Object::new().flag("signedIn", true).into())),
                    Ok(_) => Ok(Reply::Nothing),
                    Err(error) if error.code() == Code::Disposed => Err(error),
                    Err(error) => Ok(Reply::Value(Object::new().value("error", &encode::error(&error)).into())),
                };
                tab.answer(id, reply);
            }),
            Ok(Accepted::Work(work)) => spawn_local(async move {
                let answer = work.await;
                tab.answer(id, answer.map(|answer| reply(&driver, answer)));
            }),
            Ok(Accepted::Proof(proof)) => spawn_local(async move {
                let proof = proof.await;
                tab.answer(id, proof.map(|proof| Reply::Value(proof.into())));
            }),
            Err(error) => self.answer(id, Err(error)),
        }
    }

    fn accept(self: &Rc<Self>, driver: &Rc<Driver>, call_id: CallId, id: u32, command: Command) -> Result<Accepted, Error> {
        let page: Rc<dyn Page> = Rc::<Self>::clone(self);
        let input = match command {
            Command::AccessToken(_) if !driver.config().expose_access_token() => return Err(Code::AccessTokenNotExposed.into()),
            Command::AccessToken(session) => Input::Token { call_id, session, api: None },
            #[cfg(feature = "inspect")]
            Command::Expire => return Ok(Accepted::Work(expire(Rc::clone(driver), call_id, page))),
            Command::Fetch { url, init, keepalive, session } => {
                let again = !global::member(&init, "body").is_instance_of::<ReadableStream>();
                return Ok(Accepted::Request(self.request(id, &url, init, keepalive)?, again, session));
            }
            Command::Open { url, resumed } => return Ok(Accepted::Opening(driver.open(page, own(url)?, resumed)?)),
            Command::Proof { .. } if !driver.config().expose_access_token() => return Err(Code::AccessTokenNotExposed.into()),
            Command::Proof { url, method, session } => {
                // As servers see them.
                let url =
                    HttpUrl::parse(&url).ok_or_else(|| Error::with_detail(Code::ConfigInvalid, "dpopProof: url"))?.to_string();
                let method = method.to_ascii_uppercase();
                let token = driver.put(call_id, Input::Token { call_id, session, api: None }, page);
                return Ok(Accepted::Proof(proof(Rc::clone(driver), token, url, method)));
            }
            Command::Login { login, url } => Input::Login { call_id, login: login.or_return_to(url), entropy: random::entropy()? },
            Command::LoginFromUrl(url) => Input::LoginFromUrl { call_id, address: url, entropy: random::entropy()? },
            Command::Logout(logout) => Input::Logout { call_id, logout },
            Command::Renew(session) => Input::Renew { call_id, session },
            Command::Stay(session) => Input::Stay { call_id, session },
            Command::UserInfo(session) => Input::UserInfo { call_id, session },
        };
        Ok(Accepted::Work(driver.put(call_id, input, page)))
    }

    /// Makes an API request that the page can abort.
    fn request(&self, id: u32, url: &str, init: Object, keepalive: bool) -> Result<Request, Error> {
        let invalid = |_| Error::with_detail(Code::ConfigInvalid, "fetch: the browser does not accept this request");
        let abort = AbortController::new().map_err(invalid)?;
        let request = api::request(url, init, &abort.signal()).map_err(invalid)?;
        self.requests.borrow_mut().push(OpenRequest { id, abort, keepalive, session: None });
        Ok(request)
    }

    fn take_request(&self, id: u32) -> Option<OpenRequest> {
        let mut requests = self.requests.borrow_mut();
        let index = requests.iter().position(|request| request.id == id)?;
        Some(requests.swap_remove(index))
    }

    fn end_request(&self, id: u32) {
        if let Some(request) = self.take_request(id) {
            request.end();
        }
    }

    /// Notes the session in which the response to this request started.
    fn note_session(&self, id: u32, session: Option<SessionNumber>) {
        if let Some(request) = self.requests.borrow_mut().iter_mut().find(|request| request.id == id) {
            request.session = session;
        }
    }

    fn answer(&self, id: u32, reply: Result<Reply, Error>) {
        match reply {
            Ok(Reply::Nothing) => self.post(&message::answer(id, "value", &JsValue::UNDEFINED)),
            Ok(Reply::Value(value)) => self.post(&message::answer(id, "value", &value)),
            Ok(Reply::Response(response, body)) => {
                let answer = message::answer(id, "value", &head(&response));
                if body.is_null() || !self.is_alive() {
                    self.post(&answer);
                } else {
                    // If the tab is gone, it needs no answer.
                    let _ = body::post(&self.port, &answer, &body);
                }
            }
            Err(error) => self.post(&message::answer(id, "error", &encode::error(&error))),
        }
    }

    fn post(&self, message: &Object) {
        if self.is_alive() {
            // If the tab is gone nevertheless, it needs no message.
            let _ = global::post(&self.port, message, with());
        }
    }
}

impl OpenRequest {
    /// Aborts the request, and the body of its response. Always returns `false`: the request is not kept.
    fn end(&self) -> bool {
        self.abort.abort();
        false
    }
}

impl Page for Tab {
    fn navigate(&self, url: &str, keep_in_history: bool) {
        self.post(&message::event("navigate").text("url", url).flag("keep", keep_in_history));
    }

    fn reopen(self: Rc<Self>) {
        self.post(&message::event("reopen"));
    }

    fn replace_address(&self, path: &str, announce: bool) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        self.replacing.borrow_mut().push(sender);
        self.post(&message::event("replace").text("path", path).flag("announce", announce));
        receiver
    }
}

fn reply(driver: &Driver, answer: Answer) -> Reply {
    match answer {
        Answer::Token { access_token, .. } if driver.config().expose_access_token() => Reply::Value(access_token.expose().into()),
        Answer::LoggedOut { ends_provider_session } => {
            Reply::Value(Object::new().flag("endsProviderSession", ends_provider_session).into())
        }
        Answer::UserInfo(user_info) => Reply::Value(encode::user_info(&user_info)),
        _ => Reply::Nothing,
    }
}

async fn response(
    driver: &Rc<Driver>,
    page: Rc<dyn Page>,
    call_id: CallId,
    session: Option<SessionNumber>,
    request: Request,
    again: bool,
) -> Result<Reply, Error> {
    let response = api::fetch(driver, page, call_id, session, request, again).await?;
    let body = body::of(&response).await?;
    Ok(Reply::Response(response, body))
}

/// A proof for a request that the page sends itself, with the access token that it may read.
fn proof(driver: Rc<Driver>, token: BoxFuture<'static, Answer>, url: String, method: String) -> BoxFuture<'static, String> {
    Box::pin(async move {
        let Token { token, key, .. } = api::token(token.await)?;
        let unbound = || Error::with_detail(Code::DpopUnsupported, "the tokens of this session are bearer tokens");
        driver.proof(key.ok_or_else(unbound)?, &method, &url, Some(&token)).await
    })
}

/// Tells the session that its access token was refused.
#[cfg(feature = "inspect")]
fn expire(driver: Rc<Driver>, call_id: CallId, page: Rc<dyn Page>) -> BoxFuture<'static, Answer> {
    Box::pin(async move {
        let token = api::token(driver.put(call_id, Input::Token { call_id, session: None, api: None }, Rc::clone(&page)).await)?;
        let (generation, session) = (token.generation, token.session);
        api::token(driver.call(&page, |call_id| Input::TokenRefused { call_id, session, generation, api: None }).await)
            .map(|_| Answer::Done)
    })
}

/// Everything in a response except its body.
fn head(response: &Response) -> Object {
    let head = Object::new().value("headers", &Array::from(&global::member(response, "headers")));
    ["status", "statusText", "type", "url"].iter().fold(head, |head, name| head.value(name, &global::member(response, name)))
}

/// The URL of a page, if it is one of the app's.
fn own(address: String) -> Result<String, Error> {
    let own = global::get::<JsValue>("origin").and_then(|origin| origin.as_string());
    let is_own = HttpUrl::parse(&address).is_some_and(|url| Some(url.origin().to_string()) == own);
    if is_own { Ok(address) } else { Err(Error::with_detail(Code::ConfigInvalid, "this is no page of the app")) }
}
