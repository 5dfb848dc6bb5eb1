//! One tab of the app, as the vault sees it.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::{Array, Object};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, MessagePort, ReadableStream, Request, Response};

use super::host::Host;
use super::message::{self, Said, Wish};
use super::{body, lock, show};
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
    /// What can stop the calls of an API that are under way.
    aborts: RefCell<Vec<(u32, AbortController)>>,
    host: Weak<Host>,
    /// Whether it keeps the vault alive: its end will be noticed.
    keeps: Cell<bool>,
    listening: Cell<Option<Listening>>,
    port: MessagePort,
    /// Who waits until the address bar shows what was wanted.
    replacing: RefCell<Vec<oneshot::Sender<()>>>,
}

/// What a page gets.
enum Granted {
    /// A call of an API, and whether it can be made again.
    /// An opening. What its callback came to is told, and is no failure of the call.
    Opening(Work<'static, Answer>),
    Request(Request, bool, Option<SessionNumber>),
    Work(Work<'static, Answer>),
}

/// What an ask comes to.
enum Told {
    Nothing,
    /// Of an API, and its body.
    Response(Response, JsValue),
    Value(JsValue),
}

impl Tab {
    /// Begins to listen. The tab is served from its `hello` on.
    pub(super) fn open(host: &Rc<Host>, port: MessagePort) {
        let tab = Rc::new(Self {
            aborts: RefCell::default(),
            host: Rc::downgrade(host),
            keeps: Cell::new(false),
            listening: Cell::default(),
            port: port.clone(),
            replacing: RefCell::default(),
        });
        let listener = Rc::clone(&tab);
        tab.listening.set(Some(Listening::to(&port, "message", move |event| {
            if let Some(said) = Said::read(&global::member(&event, "data")) {
                listener.hear(said);
            }
        })));
        // A port is silent until then.
        let _ = call(&port, "start", with());
    }

    /// Stops to listen, and whatever the tab was still waiting for.
    pub(super) fn close(&self) {
        for (_, abort) in self.aborts.take() {
            abort.abort();
        }
        self.replacing.take();
        let _ = call(&self.port, "close", with());
        // This may be the very listener that hears the goodbye: what runs is freed when it has returned.
        self.listening.take();
    }

    /// Tells the tab the state.
    pub(super) fn show(&self, state: &State, session: Option<SessionNumber>) {
        self.post(&message::tell("state").value("state", &show::state(state, session)));
    }

    /// Tells the tab of a request.
    #[cfg(feature = "inspect")]
    pub(super) fn tell_of(&self, exchange: &crate::browser::Exchange) {
        self.post(&message::tell("exchange").value("exchange", &crate::browser::value::write(&exchange.to_json())));
    }

    fn hear(self: &Rc<Self>, said: Said) {
        let Some(host) = self.host.upgrade() else { return };
        match said {
            Said::Hello(lock) => self.greet(&host, lock),
            _ if !host.knows(self) => {}
            Said::Abort(id) => {
                if let Some(abort) = self.take_abort(id) {
                    abort.abort();
                }
            }
            Said::Ask(id, wish) => self.ask(host.driver(), id, wish),
            Said::Goodbye => host.farewell(self),
            Said::Online(online) => host.driver().handle(Input::Online(online)),
            // That the senders are dropped is the message.
            Said::Replaced => drop(self.replacing.take()),
            Said::Returned => host.driver().page_returned(),
            Said::Woke => host.driver().handle(Input::Woke),
        }
    }

    /// Whether it keeps the vault alive.
    pub(super) fn keeps(&self) -> bool {
        self.keeps.get()
    }

    /// Welcomes the tab, and watches for its end as soon as it holds a lock.
    fn greet(self: &Rc<Self>, host: &Rc<Host>, lock: Option<String>) {
        let is_new = host.add(self);
        if self.keeps() || !is_new && lock.is_none() {
            return;
        }
        let (tab, host) = (Rc::clone(self), Rc::clone(host));
        spawn_local(async move {
            let waiting = host.awaited_lock();
            if let Some(waiting) = waiting {
                // That the sender is dropped is the message.
                let _ = waiting.await;
            }
            let own = host.lock();
            if is_new {
                let state = show::state(&host.driver().state(), host.driver().number());
                tab.post(&message::tell("welcome").text("lock", own.as_deref()).value("state", &state));
            }
            // Where there are locks, the end of a tab without one would never be noticed: it is
            // served, and nothing is kept for it.
            if own.is_some() && lock.is_none() || tab.keeps() || !host.knows(&tab) {
                return;
            }
            tab.keeps.set(true);
            host.stay();
            if let (Some(_), Some(lock)) = (own, lock) {
                if let Some(released) = lock::released(&lock) {
                    // Whether it was granted or refused, there is nothing left to wait for.
                    let _ = released.await;
                }
                host.farewell(&tab);
            }
        });
    }

    fn ask(self: &Rc<Self>, driver: Rc<Driver>, id: u32, wish: Result<Wish, Error>) {
        let (tab, page, ask) = (Rc::clone(self), Rc::<Self>::clone(self) as Rc<dyn Page>, driver.next_ask());
        match wish.and_then(|wish| self.grant(&driver, ask, id, wish)) {
            Ok(Granted::Request(request, again, session)) => spawn_local(async move {
                let answer = response(&driver, page, ask, session, request, again).await;
                tab.take_abort(id);
                tab.answer(id, answer);
            }),
            Ok(Granted::Opening(work)) => spawn_local(async move {
                let told = match work.await {
                    Ok(_) => Ok(Told::Nothing),
                    Err(error) if error.code() == Code::Disposed => Err(error),
                    Err(error) => Ok(Told::Value(Object::new().value("error", &show::error(&error)).into())),
                };
                tab.answer(id, told);
            }),
            Ok(Granted::Work(work)) => spawn_local(async move {
                let answer = work.await;
                tab.answer(id, answer.map(|answer| told(&driver, answer)));
            }),
            Err(error) => self.answer(id, Err(error)),
        }
    }

    fn grant(self: &Rc<Self>, driver: &Rc<Driver>, ask: Ask, id: u32, wish: Wish) -> Result<Granted, Error> {
        let page: Rc<dyn Page> = Rc::<Self>::clone(self);
        let input = match wish {
            Wish::AccessToken(_) if !driver.config().expose_access_token() => return Err(Code::AccessTokenNotExposed.into()),
            Wish::AccessToken(session) => Input::Token { ask, session },
            #[cfg(feature = "inspect")]
            Wish::Expire => return Ok(Granted::Work(expire(Rc::clone(driver), ask, page))),
            Wish::Fetch { url, init, session } => {
                let again = !global::member(&init, "body").is_instance_of::<ReadableStream>();
                return Ok(Granted::Request(self.request(id, &url, init)?, again, session));
            }
            Wish::Open { address } => return Ok(Granted::Opening(driver.open(page, own(address)?)?)),
            Wish::Login { login, address } => Input::Login { ask, login: login.or_return_to(address), entropy: random::entropy()? },
            Wish::LoginFromUrl(address) => Input::LoginFromUrl { ask, address, entropy: random::entropy()? },
            Wish::Logout(logout) => Input::Logout { ask, logout },
            Wish::Renew(session) => Input::Renew { ask, session },
            Wish::UserInfo(session) => Input::UserInfo { ask, session },
        };
        Ok(Granted::Work(driver.put(ask, input, page)))
    }

    /// A request to an API, which the page can stop.
    fn request(&self, id: u32, url: &str, init: Object) -> Result<Request, Error> {
        let invalid = |_| Error::with_detail(Code::ConfigInvalid, "fetch: the browser does not accept this request");
        let abort = AbortController::new().map_err(invalid)?;
        let request = api::request(url, init, &abort.signal()).map_err(invalid)?;
        self.aborts.borrow_mut().push((id, abort));
        Ok(request)
    }

    fn take_abort(&self, id: u32) -> Option<AbortController> {
        let mut aborts = self.aborts.borrow_mut();
        let index = aborts.iter().position(|(other, _)| *other == id)?;
        Some(aborts.swap_remove(index).1)
    }

    fn answer(&self, id: u32, told: Result<Told, Error>) {
        match told {
            Ok(Told::Nothing) => self.post(&message::answer(id, "value", &JsValue::UNDEFINED)),
            Ok(Told::Value(value)) => self.post(&message::answer(id, "value", &value)),
            Ok(Told::Response(response, body)) => {
                let answer = message::answer(id, "value", &head(&response));
                if body.is_null() {
                    self.post(&answer);
                } else {
                    // A tab that is gone waits for nothing.
                    let _ = body::post(&self.port, &answer, &body);
                }
            }
            Err(error) => self.post(&message::answer(id, "error", &show::error(&error))),
        }
    }

    fn post(&self, message: &Object) {
        // A tab that is gone waits for nothing.
        let _ = global::post(&self.port, message, with());
    }
}

impl Page for Tab {
    fn navigate(&self, url: &str, keep_in_history: bool) {
        self.post(&message::tell("navigate").text("url", url).flag("keep", keep_in_history));
    }

    fn reopen(self: Rc<Self>) {
        self.post(&message::tell("reopen"));
    }

    fn replace_address(&self, path: &str, announce: bool) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        self.replacing.borrow_mut().push(sender);
        self.post(&message::tell("replace").text("path", path).flag("announce", announce));
        receiver
    }
}

fn told(driver: &Driver, answer: Answer) -> Told {
    match answer {
        Answer::Token { access_token, .. } if driver.config().expose_access_token() => Told::Value(access_token.expose().into()),
        Answer::UserInfo(user_info) => Told::Value(show::user_info(&user_info)),
        _ => Told::Nothing,
    }
}

async fn response(
    driver: &Rc<Driver>,
    page: Rc<dyn Page>,
    ask: Ask,
    session: Option<SessionNumber>,
    request: Request,
    again: bool,
) -> Result<Told, Error> {
    let response = api::fetch(driver, page, ask, session, request, again).await?;
    let body = body::of(&response).await?;
    Ok(Told::Response(response, body))
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
    ["status", "statusText", "url"].iter().fold(head, |head, name| head.value(name, &global::member(response, name)))
}

/// The address of a page, if it is one of the app's.
fn own(address: String) -> Result<String, Error> {
    let own = global::get::<JsValue>("origin").and_then(|origin| origin.as_string());
    let is_own = HttpUrl::parse(&address).is_some_and(|url| Some(url.origin().to_string()) == own);
    if is_own { Ok(address) } else { Err(Error::with_detail(Code::ConfigInvalid, "this is no page of the app")) }
}
