//! Pending logins and the hint, in IndexedDB: its transactions are exact across tabs, and workers have it too.
//!
//! Each client id has a database of its own, with two object stores. Each transaction has a connection of its
//! own, so that no open connection blocks another page.
//!
//! Only a write creates the database. Nothing is stored for an anonymous visitor, so if there is no database,
//! the page knows that no user has ever signed in (`pkg/ts/client/first_visit.ts`).

use core::time::Duration;
use std::cell::Cell;
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::EventTarget;

use super::driver::BoxFuture;
use super::event_listener::EventListener;
use super::global::{Arguments, call, member, promised, with};
use super::oneshot;
use super::{clock, global, value};
use crate::protocol::config::Config;
use crate::protocol::error::Code;
use crate::protocol::json::Value;
use crate::protocol::time::Now;
use crate::session::{MAX_PENDING, PendingKey, PendingLogin, SessionHint};

const PENDING: &str = "pending";
const HINT: &str = "hint";
/// The only key of the hint's object store.
const THE_HINT: &str = "hint";

/// A transaction that has not completed within this time fails: some browsers never answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The database of one client.
#[derive(Clone, Debug)]
pub(super) struct Store {
    config: Config,
}

/// One step of a transaction: the object store, its method, and the arguments.
struct Step(&'static str, &'static str, Arguments);

/// The result of each step of a transaction.
pub(super) type Results = Vec<JsValue>;

impl Store {
    pub(super) fn new(config: &Config) -> Self {
        Self { config: config.clone() }
    }

    /// Reads the hint.
    pub(super) fn read_hint(&self) -> BoxFuture<'static, Results> {
        self.transact(vec![Step(HINT, "get", with().text(THE_HINT))])
    }

    /// Removes expired records. Not before the page's own callback was looked up, so that a user who took too
    /// long gets the right error.
    pub(super) fn sweep(&self, now: Now) -> BoxFuture<'static, Results> {
        self.sweep_and(now, MAX_PENDING, None)
    }

    /// Writes a pending login, and makes room for it.
    pub(super) fn put_pending(&self, key: &PendingKey, pending: &PendingLogin, now: Now) -> BoxFuture<'static, Results> {
        let mut json = pending.to_json();
        let record = value::write(&json);
        // The record holds the code verifier.
        json.wipe();
        let put = Step(PENDING, "put", with().value(&record).text(key.as_str()));
        self.sweep_and(now, MAX_PENDING - 1, Some(put))
    }

    /// Reads and deletes a pending login in one transaction: of two pages with the same callback, only one gets
    /// it. The record is handed out after the transaction has committed. No copy is kept in memory: another
    /// page's claim could not remove it.
    pub(super) fn claim_pending(&self, key: &PendingKey) -> BoxFuture<'static, Results> {
        let step = |method| Step(PENDING, method, with().text(key.as_str()));
        self.transact(vec![step("get"), step("delete")])
    }

    pub(super) fn write_hint(&self, hint: &SessionHint) -> BoxFuture<'static, Results> {
        self.transact(vec![Step(HINT, "put", with().value(&value::write(&hint.to_json())).text(THE_HINT))])
    }

    pub(super) fn clear_hint(&self) -> BoxFuture<'static, Results> {
        self.transact(vec![Step(HINT, "delete", with().text(THE_HINT))])
    }

    /// Removes expired and unreadable records, and the oldest beyond `most`. Performs the step `last` in the
    /// same transaction. Returns all keys and records as they were before.
    fn sweep_and(&self, now: Now, most: usize, last: Option<Step>) -> BoxFuture<'static, Results> {
        let store = self.clone();
        Box::pin(async move {
            let everything = vec![Step(PENDING, "getAllKeys", with()), Step(PENDING, "getAll", with())];
            let results = store.transact(everything).await?;
            let mut steps = sweeping(&results, &store.config, now, most);
            steps.extend(last);
            if !steps.is_empty() {
                store.transact(steps).await?;
            }
            Ok(results)
        })
    }

    /// Performs the steps in one transaction.
    ///
    /// # Errors
    /// `storage_unavailable`, whatever the browser's reason is: the app's remedy is the same.
    fn transact(&self, steps: Vec<Step>) -> BoxFuture<'static, Results> {
        let name = ["wristband-spa-auth/", self.config.client_id()].concat();
        Box::pin(async move {
            let performed = clock::within(TIMEOUT, perform(&name, &steps)).await;
            performed.and_then(Result::ok).ok_or_else(|| Code::StorageUnavailable.into())
        })
    }
}

/// The pending login that was claimed, if there was one.
pub(super) fn pending(found: &Results, config: &Config) -> Option<PendingLogin> {
    PendingLogin::from_json(found.first().and_then(read)?, config)
}

/// The logins that were pending before another one was written.
pub(super) fn others(found: &Results, config: &Config, now: Now) -> Vec<PendingLogin> {
    // Without a database there are no lists.
    let Some(records) = found.get(1).and_then(|records| records.dyn_ref::<Array>()) else { return Vec::new() };
    let pending = records.iter().filter_map(|record| PendingLogin::from_json(read(&record)?, config));
    pending.filter(|pending| !pending.has_expired(now)).collect()
}

/// The hint that was read, if there was one.
pub(super) fn hint(found: &Results, config: &Config) -> Option<SessionHint> {
    Some(SessionHint::from_json(&found.first().and_then(read)?, config))
}

/// The steps that remove records. `results` holds all keys and all records.
fn sweeping(results: &[JsValue], config: &Config, now: Now, most: usize) -> Vec<Step> {
    let [keys, records] = results else { return Vec::new() };
    // Without a database there are no lists.
    let (Some(keys), Some(records)) = (keys.dyn_ref::<Array>(), records.dyn_ref::<Array>()) else { return Vec::new() };
    let (mut kept, mut steps) = (Vec::new(), Vec::new());
    for index in 0..keys.length() {
        let key = keys.get(index);
        match read(&records.get(index)).and_then(|record| PendingLogin::from_json(record, config)) {
            Some(pending) if !pending.has_expired(now) => kept.push((pending.age(now), key)),
            _ => steps.push(Step(PENDING, "delete", with().value(&key))),
        }
    }
    while kept.len() > most {
        let oldest = kept.iter().enumerate().max_by_key(|(_, (age, _))| *age);
        let index = oldest.map_or(0, |(index, _)| index);
        steps.push(Step(PENDING, "delete", with().value(&kept.swap_remove(index).1)));
    }
    steps
}

/// Performs the steps. If the existing database is not ours, deletes it and tries once more: a script of the
/// origin may have created it with another version, or without the object stores.
async fn perform(name: &str, steps: &[Step]) -> Result<Results, JsValue> {
    match attempt(name, steps).await {
        Err(error) if is_foreign(&error) => {
            let deleting = call(&factory()?, "deleteDatabase", with().text(name))?;
            EventOutcome::of(deleting.unchecked_ref(), "success", "error").receiver.await.map_err(|_| JsValue::NULL)?;
            attempt(name, steps).await
        }
        outcome => outcome,
    }
}

fn is_foreign(error: &JsValue) -> bool {
    let name = member(error, "name");
    name == "VersionError" || name == "NotFoundError"
}

/// Performs the steps. If there is no database and no step writes, none is created: the result of each step is
/// `undefined`.
async fn attempt(name: &str, steps: &[Step]) -> Result<Results, JsValue> {
    let does = |wanted| steps.iter().any(|Step(_, method, _)| *method == wanted);
    let writes = does("put");
    let missing = || Ok(vec![JsValue::UNDEFINED; steps.len()]);
    // In WebKit, opening a database and aborting leaves an empty one behind, so check first. A step that
    // deletes expects a database, and skips the check.
    if !writes && !does("delete") && !exists(name).await {
        return missing();
    }
    let is_missing = Rc::new(Cell::new(false));
    let opening = open(name)?;
    let connection = {
        let found_none = Rc::clone(&is_missing);
        // The stores can only be created together with the database.
        let _upgrade = EventListener::new(&opening, "upgradeneeded", move |event| {
            if writes {
                return make_stores(&event);
            }
            found_none.set(true);
            let _ = call(&member(&member(&event, "target"), "transaction"), "abort", with());
        });
        let opened = EventOutcome::of(&opening, "success", "error");
        let outcome = opened.receiver.await;
        if is_missing.get() {
            return missing();
        }
        outcome.map_err(|_| member(&opening, "error"))?;
        Connection(member(&opening, "result"))
    };
    let stores = global::json(r#"["pending","hint"]"#);
    let transaction = call(&connection.0, "transaction", with().value(&stores).text("readwrite"))?;
    let mut requests = Vec::new();
    for Step(store, method, arguments) in steps {
        let store = call(&transaction, "objectStore", with().text(store))?;
        requests.push(call(&store, method, arguments.clone())?);
    }
    let completed = EventOutcome::of(transaction.unchecked_ref(), "complete", "abort");
    completed.receiver.await.map_err(|_| JsValue::NULL)?;
    Ok(requests.iter().map(|request| member(request, "result")).collect())
}

/// Whether there is a database of this name. `true` if the browser cannot list its databases.
async fn exists(name: &str) -> bool {
    let Ok(databases) = promised(&factory().unwrap_or_default(), "databases", with()).await else { return true };
    Array::from(&databases).iter().any(|database| member(&database, "name") == name)
}

fn factory() -> Result<JsValue, JsValue> {
    global::get("indexedDB").ok_or(JsValue::NULL)
}

fn open(name: &str) -> Result<EventTarget, JsValue> {
    call(&factory()?, "open", with().text(name).number(1.0)).map(JsValue::unchecked_into)
}

fn make_stores(event: &JsValue) {
    let database = member(&member(event, "target"), "result");
    for store in [PENDING, HINT] {
        let _ = call(&database, "createObjectStore", with().text(store));
    }
}

/// An open database. It closes when dropped.
struct Connection(JsValue);

impl Drop for Connection {
    fn drop(&mut self) {
        let _ = call(&self.0, "close", with());
    }
}

/// Waits for one of two events: success or failure.
struct EventOutcome {
    _listening: [EventListener; 2],
    /// Gets `()` on success, and is canceled on failure.
    receiver: oneshot::Receiver<()>,
}

impl EventOutcome {
    fn of(target: &EventTarget, good: &'static str, bad: &'static str) -> Self {
        let (sender, receiver) = oneshot::channel();
        let waiting = Rc::new(Cell::new(Some(sender)));
        let listening = [good, bad].map(|name| {
            let waiting = Rc::clone(&waiting);
            EventListener::new(target, name, move |_| {
                // Dropping the sender without sending reports the failure.
                if let Some(sender) = waiting.take().filter(|_| name == good) {
                    sender.send(());
                }
            })
        });
        Self { _listening: listening, receiver }
    }
}

/// A stored record as a value. `None` if there is none, or if it is not a plain object.
fn read(record: &JsValue) -> Option<Value> {
    value::read(record).filter(Value::is_object)
}
