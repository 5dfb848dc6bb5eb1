//! Pending logins and the hint, in IndexedDB: it is exact between tabs, and workers have it too.
//!
//! A database of its own for each client id, with two object stores. Every operation is one
//! transaction on a connection of its own, so that no open connection stands in anybody's way.

use std::cell::Cell;
use std::rc::Rc;

use futures_channel::oneshot;
use gloo_events::EventListener;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{EventTarget, IdbDatabase, IdbFactory, IdbObjectStore, IdbRequest, IdbTransaction, IdbTransactionMode};

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

/// The database of one client.
#[derive(Debug)]
pub(super) struct Store {
    name: String,
}

impl Store {
    pub(super) fn new(config: &Config) -> Self {
        Self { name: ["wristband-spa-auth/", config.client_id()].concat() }
    }

    /// Reads the hint.
    pub(super) async fn read_hint(&self, config: &Config) -> Result<Option<Hint>, Error> {
        let transaction = Transaction::begin(&self.name, IdbTransactionMode::Readonly).await?;
        let hint = settle(&transaction.store(HINT)?.get(&THE_HINT.into()).map_err(blocked)?).await?;
        transaction.finish().await?;
        Ok(read(hint).map(|record| Hint::from_json(&record, config)))
    }

    /// Removes what has expired. Not before the page's own callback was looked up: somebody who
    /// took too long is told so.
    pub(super) async fn sweep(&self, config: &Config, now: Now) -> Result<(), Error> {
        let transaction = Transaction::begin(&self.name, IdbTransactionMode::Readwrite).await?;
        transaction.sweep(config, now, MOST_PENDING).await?;
        transaction.finish().await
    }

    /// Writes a pending login, and makes room for it.
    pub(super) async fn put_pending(&self, key: &PendingKey, pending: &Pending, config: &Config, now: Now) -> Result<(), Error> {
        let transaction = Transaction::begin(&self.name, IdbTransactionMode::Readwrite).await?;
        transaction.sweep(config, now, MOST_PENDING - 1).await?;
        let record = value::write(&pending.to_json());
        settle(&transaction.store(PENDING)?.put_with_key(&record, &key.as_str().into()).map_err(blocked)?).await?;
        transaction.finish().await
    }

    /// Takes a pending login out. Reading and deleting are one transaction: of two pages with the
    /// same callback, one gets it.
    pub(super) async fn claim_pending(&self, key: &PendingKey, config: &Config) -> Result<Option<Pending>, Error> {
        let transaction = Transaction::begin(&self.name, IdbTransactionMode::Readwrite).await?;
        let store = transaction.store(PENDING)?;
        let key = JsValue::from_str(key.as_str());
        let record = store.get(&key).map_err(blocked)?;
        store.delete(&key).map_err(blocked)?;
        let record = settle(&record).await?;
        transaction.finish().await?;
        Ok(read(record).and_then(|record| Pending::from_json(record, config)))
    }

    pub(super) async fn write_hint(&self, hint: &Hint) -> Result<(), Error> {
        let transaction = Transaction::begin(&self.name, IdbTransactionMode::Readwrite).await?;
        transaction.store(HINT)?.put_with_key(&value::write(&hint.to_json()), &THE_HINT.into()).map_err(blocked)?;
        transaction.finish().await
    }

    pub(super) async fn clear_hint(&self) -> Result<(), Error> {
        let transaction = Transaction::begin(&self.name, IdbTransactionMode::Readwrite).await?;
        transaction.store(HINT)?.delete(&THE_HINT.into()).map_err(blocked)?;
        transaction.finish().await
    }
}

/// A transaction over both object stores. The connection closes with it.
struct Transaction {
    database: IdbDatabase,
    transaction: IdbTransaction,
}

impl Transaction {
    async fn begin(name: &str, mode: IdbTransactionMode) -> Result<Self, Error> {
        let factory = global::get::<IdbFactory>("indexedDB").ok_or_else(|| blocked(JsValue::NULL))?;
        let opening = factory.open_with_u32(name, 1).map_err(blocked)?;
        let request: &IdbRequest = &opening;
        let making = request.clone();
        // The stores can only be made while the database is made.
        let _upgrade = EventListener::once(&opening, "upgradeneeded", move |_| {
            if let Ok(database) = making.result().map(JsCast::unchecked_into::<IdbDatabase>) {
                let _ = database.create_object_store(PENDING);
                let _ = database.create_object_store(HINT);
            }
        });
        let database: IdbDatabase = settle(request).await?.unchecked_into();
        let stores = Array::of2(&PENDING.into(), &HINT.into());
        let transaction = database.transaction_with_str_sequence_and_mode(&stores, mode).map_err(blocked)?;
        Ok(Self { database, transaction })
    }

    fn store(&self, name: &str) -> Result<IdbObjectStore, Error> {
        self.transaction.object_store(name).map_err(blocked)
    }

    /// Removes expired and unreadable records, and the oldest beyond `most`.
    async fn sweep(&self, config: &Config, now: Now, most: usize) -> Result<(), Error> {
        let store = self.store(PENDING)?;
        let (keys, records) = (store.get_all_keys().map_err(blocked)?, store.get_all().map_err(blocked)?);
        let records: Array = settle(&records).await?.unchecked_into();
        let keys: Array = keys.result().map_err(blocked)?.unchecked_into();
        let mut kept = Vec::new();
        for (key, record) in keys.iter().zip(records.iter()) {
            match read(record).and_then(|record| Pending::from_json(record, config)) {
                Some(pending) if !pending.has_expired(now) => kept.push((pending.created_at(), key)),
                _ => drop(store.delete(&key).map_err(blocked)?),
            }
        }
        kept.sort_by_key(|(created_at, _)| core::cmp::Reverse(*created_at));
        for (_, key) in kept.iter().skip(most) {
            store.delete(key).map_err(blocked)?;
        }
        Ok(())
    }

    async fn finish(self) -> Result<(), Error> {
        let complete = happens(&self.transaction, "complete", "abort").await;
        if complete { Ok(()) } else { Err(blocked(JsValue::NULL)) }
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        self.database.close();
    }
}

/// The result of a request, when it has one.
async fn settle(request: &IdbRequest) -> Result<JsValue, Error> {
    if happens(request, "success", "error").await { request.result().map_err(blocked) } else { Err(blocked(JsValue::NULL)) }
}

/// Waits until one of two events happens, and says whether it was the good one.
async fn happens(target: &EventTarget, good: &'static str, bad: &'static str) -> bool {
    let (sender, receiver) = oneshot::channel();
    let sender = Rc::new(Cell::new(Some(sender)));
    let listen = |event, verdict| {
        let sender = Rc::clone(&sender);
        EventListener::once(target, event, move |_| {
            if let Some(sender) = sender.take() {
                let _ = sender.send(verdict);
            }
        })
    };
    let _listeners = (listen(good, true), listen(bad, false));
    receiver.await.unwrap_or(false)
}

/// A stored record as a value. `None` for nothing, and for what this library did not write.
fn read(record: JsValue) -> Option<Value> {
    value::read(record).filter(|value| *value != Value::Null)
}

/// Whatever the browser's reason is, the app can do the same about it.
fn blocked(_: JsValue) -> Error {
    Code::StorageUnavailable.into()
}
