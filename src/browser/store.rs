//! Pending logins and the hint, in IndexedDB: it is exact between tabs, and workers have it too.
//!
//! A database of its own for each client id, with two object stores. Every operation is one
//! transaction on a connection of its own, so that no open connection stands in anybody's way.

use std::pin::Pin;

use gloo_events::EventListener;
use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{EventTarget, IdbDatabase, IdbFactory, IdbRequest, IdbTransaction, IdbTransactionMode};

use super::{global, value};
use crate::protocol::config::Config;
use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;
use crate::protocol::time::Now;
use crate::session::{Hint, MOST_PENDING, Pending, PendingKey};

const PENDING: &str = "pending";
const HINT: &str = "hint";
/// The only key of the hint's object store.
const THE_HINT: &str = "hint";

/// What an operation comes to, in a box: whoever waits for it does not bring along the operation.
type Work<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + 'a>>;

/// The database of one client.
#[derive(Debug)]
pub(super) struct Store {
    name: String,
}

/// One step of a transaction: which object store, and what to do there.
struct Step(&'static str, Action);

enum Action {
    Delete(JsValue),
    Get(JsValue),
    GetAll,
    GetAllKeys,
    Put(JsValue, JsValue),
}

impl Store {
    pub(super) fn new(config: &Config) -> Self {
        Self { name: ["wristband-spa-auth/", config.client_id()].concat() }
    }

    /// Reads the hint.
    pub(super) fn read_hint<'a>(&'a self, config: &'a Config) -> Work<'a, Option<Hint>> {
        Box::pin(async {
            let mut results = self.transact(vec![Step(HINT, Action::Get(THE_HINT.into()))]).await?;
            Ok(results.pop().and_then(|hint| read(&hint)).map(|record| Hint::from_json(&record, config)))
        })
    }

    /// Removes what has expired. Not before the page's own callback was looked up: somebody who
    /// took too long is told so.
    pub(super) fn sweep<'a>(&'a self, config: &'a Config, now: Now) -> Work<'a, ()> {
        self.sweep_and(config, now, MOST_PENDING, None)
    }

    /// Writes a pending login, and makes room for it.
    pub(super) async fn put_pending(&self, key: &PendingKey, pending: &Pending, config: &Config, now: Now) -> Result<(), Error> {
        let put = Step(PENDING, Action::Put(key.as_str().into(), value::write(&pending.to_json())));
        self.sweep_and(config, now, MOST_PENDING - 1, Some(put)).await
    }

    /// Takes a pending login out. Reading and deleting are one transaction: of two pages with the
    /// same callback, one gets it.
    pub(super) async fn claim_pending(&self, key: &PendingKey, config: &Config) -> Result<Option<Pending>, Error> {
        let key = JsValue::from_str(key.as_str());
        let steps = vec![Step(PENDING, Action::Get(key.clone())), Step(PENDING, Action::Delete(key))];
        let results = self.transact(steps).await?;
        Ok(results.first().and_then(read).and_then(|record| Pending::from_json(record, config)))
    }

    pub(super) async fn write_hint(&self, hint: &Hint) -> Result<(), Error> {
        let step = Step(HINT, Action::Put(THE_HINT.into(), value::write(&hint.to_json())));
        self.transact(vec![step]).await.map(drop)
    }

    pub(super) async fn clear_hint(&self) -> Result<(), Error> {
        self.transact(vec![Step(HINT, Action::Delete(THE_HINT.into()))]).await.map(drop)
    }

    /// Removes expired and unreadable records, and the oldest beyond `most`. One more step goes
    /// along with that.
    fn sweep_and<'a>(&'a self, config: &'a Config, now: Now, most: usize, last: Option<Step>) -> Work<'a, ()> {
        Box::pin(async move {
            let results = self.transact(vec![Step(PENDING, Action::GetAllKeys), Step(PENDING, Action::GetAll)]).await?;
            let mut steps = sweeping(&results, config, now, most);
            steps.extend(last);
            if steps.is_empty() { Ok(()) } else { self.transact(steps).await.map(drop) }
        })
    }

    /// Performs the steps in one transaction, and returns what each of them came to.
    ///
    /// # Errors
    /// `storage_unavailable`. Whatever the browser's reason is, the app can do the same about it.
    fn transact(&self, steps: Vec<Step>) -> Work<'static, Vec<JsValue>> {
        let name = self.name.clone();
        Box::pin(async move { perform(name, steps).await.map_err(|_| Code::StorageUnavailable.into()) })
    }
}

/// The steps that remove records, of which all keys and all values are given.
fn sweeping(results: &[JsValue], config: &Config, now: Now, most: usize) -> Vec<Step> {
    let [keys, records] = results else { return Vec::new() };
    let (keys, records): (&Array, &Array) = (keys.unchecked_ref(), records.unchecked_ref());
    let (mut kept, mut steps) = (Vec::new(), Vec::new());
    for index in 0..keys.length() {
        let key = keys.get(index);
        match read(&records.get(index)).and_then(|record| Pending::from_json(record, config)) {
            Some(pending) if !pending.has_expired(now) => kept.push((pending.created_at(), key)),
            _ => steps.push(Step(PENDING, Action::Delete(key))),
        }
    }
    while kept.len() > most {
        let oldest = kept.iter().enumerate().min_by_key(|(_, (created_at, _))| *created_at);
        let index = oldest.map_or(0, |(index, _)| index);
        steps.push(Step(PENDING, Action::Delete(kept.swap_remove(index).1)));
    }
    steps
}

async fn perform(name: String, steps: Vec<Step>) -> Result<Vec<JsValue>, JsValue> {
    let connection = Connection::open(&name).await?;
    let stores = Array::of2(&PENDING.into(), &HINT.into());
    let mode = IdbTransactionMode::Readwrite;
    let transaction = connection.0.transaction_with_str_sequence_and_mode(&stores, mode)?;
    let requests = steps.iter().map(|step| step.ask(&transaction)).collect::<Result<Vec<_>, _>>()?;
    happens(&transaction, "complete", "abort").await?;
    requests.iter().map(IdbRequest::result).collect()
}

impl Step {
    fn ask(&self, transaction: &IdbTransaction) -> Result<IdbRequest, JsValue> {
        let store = transaction.object_store(self.0)?;
        match &self.1 {
            Action::Delete(key) => store.delete(key),
            Action::Get(key) => store.get(key),
            Action::GetAll => store.get_all(),
            Action::GetAllKeys => store.get_all_keys(),
            Action::Put(key, value) => store.put_with_key(value, key),
        }
    }
}

/// An open database. It closes when dropped.
struct Connection(IdbDatabase);

impl Connection {
    async fn open(name: &str) -> Result<Self, JsValue> {
        let factory = global::get::<IdbFactory>("indexedDB").ok_or(JsValue::NULL)?;
        let opening = factory.open_with_u32(name, 1)?;
        let request: &IdbRequest = &opening;
        let making = request.clone();
        // The stores can only be made while the database is made.
        let _upgrade = EventListener::once(&opening, "upgradeneeded", move |_| {
            if let Ok(database) = making.result().map(JsCast::unchecked_into::<IdbDatabase>) {
                let _ = database.create_object_store(PENDING);
                let _ = database.create_object_store(HINT);
            }
        });
        happens(&opening, "success", "error").await?;
        Ok(Self(request.result()?.unchecked_into()))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Waits until one of two events happens. An error, when it is not the good one.
fn happens(target: &EventTarget, good: &str, bad: &str) -> JsFuture {
    JsFuture::from(Promise::new(&mut |resolve, reject| {
        // Listening to what is there cannot fail.
        let _ = target.add_event_listener_with_callback(good, &resolve);
        let _ = target.add_event_listener_with_callback(bad, &reject);
    }))
}

/// A stored record as a value. `None` for nothing, and for what this library did not write.
fn read(record: &JsValue) -> Option<Value> {
    value::read(record).filter(Value::is_object)
}
