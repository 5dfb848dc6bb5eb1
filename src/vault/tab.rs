//! One tab of the app, as the vault sees it.

use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::{Array, Object};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, MessagePort, ReadableStream, Request, Response};

use super::host::Host;
use super::message::{self, Command, PageMessage};
use super::{body, encode, lock};
use crate::browser::clock::{self, Timer};
use crate::browser::driver::{Driver, Work};
use crate::browser::global::{Members as _, call, with};
use crate::browser::listening::Listening;
use crate::browser::oneshot;
use crate::browser::page::Page;
use crate::browser::{api, global, random};
use crate::protocol::error::{Code, Error};
use crate::protocol::url::HttpUrl;
use crate::session::{Answer, Ask, Input, SessionNumber, State};

/// The vault's end of the port to one tab.
pub(super) struct Tab {
    /// Closes the port, some time after the tab has gone.
    closing: RefCell<Option<Timer>>,
    /// Takes the tab for gone, unless it shows that it is there.
    expiring: Cell<Option<Timer>>,
    host: Weak<Host>,
    /// Whether it keeps the vault alive: its end will be noticed.
    keeps: Cell<bool>,
    listening: Cell<Option<Listening>>,
    /// The lock that the tab is to hold for as long as it is there. The vault chooses its name: a name
    /// that a page chose could be that of a lock which is never released.
    lock: RefCell<Option<String>>,
    port: MessagePort,
    /// The requests to APIs that are under way, or whose bodies still come.
    requests: RefCell<Vec<OpenRequest>>,
    /// Who waits until the address bar shows what was wanted.
    replacing: RefCell<Vec<oneshot::Sender<()>>>,
}

/// A request to an API, until the page has its whole response.
struct OpenRequest {
    id: u32,
    abort: AbortController,
    /// Whether it goes on when its page has gone, as the app wants it.
    keepalive: bool,
    /// The session that its response belongs to, once there is one.
    session: Option<SessionNumber>,
}

/// A tab that was welcomed requests its lock within this time, or says that it can hold none.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);

/// A tab that can hold no lock says more often than this that it is there, even in the background.
pub(super) const PRESENCE: Duration = Duration::from_secs(150);

/// What a tab sends while it goes away is on its way for less than this.
const CLOSING_DELAY: Duration = Duration::from_secs(2);

/// A call that the vault carries out.
enum Accepted {
    /// The session is opened. What the callback came to is the value of the answer, and no failure of the call.
    Opening(Work<'static, Answer>),
    /// A call of an API, whether it can be made again, and the session that the page believes in.
    Request(Request, bool, Option<SessionNumber>),
    Work(Work<'static, Answer>),
}

/// The result of a call.
enum Reply {
    Nothing,
    /// Of an API, and its body.
    Response(Response, JsValue),
    Value(JsValue),
}

impl Tab {
    /// Listens to a port. The tab is served from its `hello` on.
    pub(super) fn open(host: &Rc<Host>, port: MessagePort) {
        let tab = Rc::new(Self {
            closing: RefCell::default(),
            expiring: Cell::default(),
            host: Rc::downgrade(host),
            keeps: Cell::new(false),
            listening: Cell::default(),
            lock: RefCell::default(),
            port: port.clone(),
            replacing: RefCell::default(),
            requests: RefCell::default(),
        });
        let listener = Rc::clone(&tab);
        tab.listening.set(Some(Listening::to(&port, "message", move |event| {
            if let Some((message, online)) = PageMessage::read(&global::member(&event, "data")) {
                listener.receive(message, online);
            }
        })));
        // A port is silent until then.
        let _ = call(&port, "start", with());
    }

    /// The tab has gone: whatever it waited for ends, but for what it wants to outlive it. Such requests may
    /// still be on their way to the vault.
    pub(super) fn close(self: &Rc<Self>) {
        self.requests.borrow_mut().retain(|request| request.keepalive || request.end());
        self.replacing.take();
        self.expiring.set(None);
        let tab = Rc::clone(self);
        self.closing.replace(Some(clock::after(CLOSING_DELAY, move || {
            let _ = call(&tab.port, "close", with());
            // What holds the tab, this very timer included. What runs is freed when it has returned.
            tab.listening.take();
            tab.closing.take();
        })));
    }

    /// The session is another one now: no response of the one before reaches a page any more.
    pub(super) fn end_requests_of_others(&self, number: Option<SessionNumber>) {
        let is_current = |request: &OpenRequest| request.session.is_none() || request.session == number;
        self.requests.borrow_mut().retain(|request| is_current(request) || request.end());
    }

    /// Tells the tab the state.
    pub(super) fn show(&self, state: &State, session: Option<SessionNumber>) {
        self.post(&message::event("state").value("state", &encode::state(state, session)));
    }

    /// Tells the tab of a request.
    #[cfg(feature = "inspect")]
    pub(super) fn tell_of(&self, exchange: &crate::browser::Exchange) {
        self.post(&message::event("request").value("request", &crate::browser::value::write(&exchange.to_json())));
    }

    fn receive(self: &Rc<Self>, message: PageMessage, online: Option<bool>) {
        let Some(host) = self.host.upgrade() else { return };
        if self.closing.borrow().is_some() {
            // A page that goes away may send requests that are to outlive it, and nothing else.
            if let PageMessage::Call(id, Ok(command @ Command::Fetch { keepalive: true, .. })) = message {
                self.call(host.driver(), id, Ok(command));
            }
            return;
        }
        if let PageMessage::Hello = message {
            return self.welcome(&host);
        }
        if !host.knows(self) {
            return;
        }
        // A page says it with whatever it sends on such an occasion: events can be missed.
        if let Some(online) = online {
            host.driver().handle(Input::Online(online));
        }
        match message {
            PageMessage::Abort(id) => self.end_request(id),
            PageMessage::Bye => host.farewell(self),
            PageMessage::Call(id, command) => self.call(host.driver(), id, command),
            PageMessage::Hello => {}
            PageMessage::Locked => self.watch(&host),
            PageMessage::Ping => self.post(&message::event("pong")),
            PageMessage::Present => {
                host.linger_if_alone(PRESENCE);
                self.expire_after(&host, PRESENCE);
            }
            // That the senders are dropped is the message.
            PageMessage::Replaced => drop(self.replacing.take()),
            PageMessage::Returned => host.driver().page_returned(),
            PageMessage::Tick => host.driver().handle(Input::Woke),
        }
    }

    /// Whether it keeps the vault alive.
    pub(super) fn keeps(&self) -> bool {
        self.keeps.get()
    }

    /// Serves the tab from now on. Where there are locks, the end of a tab without one would never be
    /// noticed: nothing is kept for it until it holds the one that it is told the name of.
    fn welcome(self: &Rc<Self>, host: &Rc<Host>) {
        if !host.add(self) {
            return;
        }
        self.expire_after(host, SIGN_OF_LIFE);
        let (tab, host) = (Rc::clone(self), Rc::clone(host));
        spawn_local(async move {
            let waiting = host.awaited_lock();
            if let Some(waiting) = waiting {
                // That the sender is dropped is the message.
                let _ = waiting.await;
            }
            let own = host.lock();
            let lock = own.as_ref().and_then(|_| random::name().ok());
            let lock = lock.map(|name| ["wristband-spa-auth/tab/", &name].concat());
            let welcome = message::event("welcome").text("lock", own.as_deref()).text("tabLock", lock.as_deref());
            tab.lock.replace(lock);
            tab.post(&welcome.value("state", &encode::state(&host.driver().state(), host.driver().number())));
            // Where there are no locks, the vault of one tab ends with that. One that is shared hears of its tabs.
            if own.is_none() && !global::is_shared_worker() && host.knows(&tab) {
                tab.keep(&host);
            }
        });
    }

    /// Keeps everything for the tab until it releases its lock, which it holds now.
    fn watch(self: &Rc<Self>, host: &Rc<Host>) {
        let Some(lock) = self.lock.take() else { return };
        self.keep(host);
        let (tab, host) = (Rc::clone(self), Rc::clone(host));
        spawn_local(async move {
            if lock::released(&lock).await {
                return tab.end(&host);
            }
            // The tab has to say itself that it is there.
            tab.keeps.set(false);
            tab.post(&message::event("unwatched"));
            host.linger_if_alone(PRESENCE);
            tab.expire_after(&host, PRESENCE);
        });
    }

    fn keep(&self, host: &Host) {
        self.keeps.set(true);
        self.expiring.set(None);
        host.stay();
    }

    /// Takes the tab for gone when this time has passed. A tab that was closed at once, or that crashed, holds
    /// no lock that would be released.
    fn expire_after(self: &Rc<Self>, host: &Rc<Host>, pause: Duration) {
        if self.keeps() {
            return;
        }
        let (tab, host) = (Rc::clone(self), Rc::downgrade(host));
        self.expiring.set(Some(clock::after(pause, move || {
            if let Some(host) = host.upgrade() {
                tab.end(&host);
            }
        })));
    }

    fn end(self: &Rc<Self>, host: &Rc<Host>) {
        // A page that is there nevertheless comes back.
        self.post(&message::event("bye"));
        host.farewell(self);
    }

    /// Whether the page still hears. One that has gone may be in the back/forward cache, which no page survives
    /// that is sent a message.
    fn hears(&self) -> bool {
        self.host.upgrade().is_some_and(|host| host.knows(self))
    }

    fn call(self: &Rc<Self>, driver: Rc<Driver>, id: u32, command: Result<Command, Error>) {
        let (tab, page, ask) = (Rc::clone(self), Rc::<Self>::clone(self) as Rc<dyn Page>, driver.next_ask());
        match command.and_then(|command| self.accept(&driver, ask, id, command)) {
            Ok(Accepted::Request(request, again, session)) => spawn_local(async move {
                let answer = response(&driver, page, ask, session, request, again).await;
                match &answer {
                    // Whether the page reads it to its end, only the page knows: it says so.
                    Ok(Reply::Response(_, body)) if tab.hears() && body.is_instance_of::<ReadableStream>() => {
                        tab.note_session(id, driver.number());
                    }
                    // A page that has gone does not read the body.
                    _ if !tab.hears() => tab.end_request(id),
                    _ => drop(tab.take_request(id)),
                }
                tab.answer(id, answer);
            }),
            Ok(Accepted::Opening(work)) => spawn_local(async move {
                let reply = match work.await {
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
            Err(error) => self.answer(id, Err(error)),
        }
    }

    fn accept(self: &Rc<Self>, driver: &Rc<Driver>, ask: Ask, id: u32, command: Command) -> Result<Accepted, Error> {
        let page: Rc<dyn Page> = Rc::<Self>::clone(self);
        let input = match command {
            Command::AccessToken(_) if !driver.config().expose_access_token() => return Err(Code::AccessTokenNotExposed.into()),
            Command::AccessToken(session) => Input::Token { ask, session },
            #[cfg(feature = "inspect")]
            Command::Expire => return Ok(Accepted::Work(expire(Rc::clone(driver), ask, page))),
            Command::Fetch { url, init, keepalive, session } => {
                let again = !global::member(&init, "body").is_instance_of::<ReadableStream>();
                return Ok(Accepted::Request(self.request(id, &url, init, keepalive)?, again, session));
            }
            Command::Open { url, resumed } => return Ok(Accepted::Opening(driver.open(page, own(url)?, resumed)?)),
            Command::Login { login, url } => Input::Login { ask, login: login.or_return_to(url), entropy: random::entropy()? },
            Command::LoginFromUrl(url) => Input::LoginFromUrl { ask, address: url, entropy: random::entropy()? },
            Command::Logout(logout) => Input::Logout { ask, logout },
            Command::Renew(session) => Input::Renew { ask, session },
            Command::UserInfo(session) => Input::UserInfo { ask, session },
        };
        Ok(Accepted::Work(driver.put(ask, input, page)))
    }

    /// A request to an API, which the page can stop.
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

    /// The response to this request has begun, in this session.
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
                if body.is_null() || !self.hears() {
                    self.post(&answer);
                } else {
                    // A tab that is gone waits for nothing.
                    let _ = body::post(&self.port, &answer, &body);
                }
            }
            Err(error) => self.post(&message::answer(id, "error", &encode::error(&error))),
        }
    }

    fn post(&self, message: &Object) {
        if self.hears() {
            // A tab that is gone nevertheless waits for nothing.
            let _ = global::post(&self.port, message, with());
        }
    }
}

impl OpenRequest {
    /// Ends the request, and the body of its response. Answers whether it is to be kept: never.
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
        Answer::UserInfo(user_info) => Reply::Value(encode::user_info(&user_info)),
        _ => Reply::Nothing,
    }
}

async fn response(
    driver: &Rc<Driver>,
    page: Rc<dyn Page>,
    ask: Ask,
    session: Option<SessionNumber>,
    request: Request,
    again: bool,
) -> Result<Reply, Error> {
    let response = api::fetch(driver, page, ask, session, request, again).await?;
    let body = body::of(&response).await?;
    Ok(Reply::Response(response, body))
}

/// Has the session believe that its access token was refused.
#[cfg(feature = "inspect")]
fn expire(driver: Rc<Driver>, ask: Ask, page: Rc<dyn Page>) -> Work<'static, Answer> {
    Box::pin(async move {
        let token = api::token(driver.put(ask, Input::Token { ask, session: None }, Rc::clone(&page)).await)?;
        let (generation, session) = (token.generation, Some(token.session));
        api::token(driver.ask(&page, |ask| Input::TokenRefused { ask, session, generation, api: None }).await).map(|_| Answer::Done)
    })
}

/// Everything of a response but its body.
fn head(response: &Response) -> Object {
    let head = Object::new().value("headers", &Array::from(&global::member(response, "headers")));
    ["status", "statusText", "type", "url"].iter().fold(head, |head, name| head.value(name, &global::member(response, name)))
}

/// The address of a page, if it is one of the app's.
fn own(address: String) -> Result<String, Error> {
    let own = global::get::<JsValue>("origin").and_then(|origin| origin.as_string());
    let is_own = HttpUrl::parse(&address).is_some_and(|url| Some(url.origin().to_string()) == own);
    if is_own { Ok(address) } else { Err(Error::with_detail(Code::ConfigInvalid, "this is no page of the app")) }
}
