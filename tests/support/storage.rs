//! What the device stores: pending logins and the hint, both as the strings that would be written.

use std::collections::BTreeMap;

use wristband_spa_auth::protocol::config::Config;
use wristband_spa_auth::protocol::error::{Code, Error};
use wristband_spa_auth::protocol::json::Value;
use wristband_spa_auth::protocol::time::Now;
use wristband_spa_auth::session::{MAX_PENDING, PendingLogin, SessionHint};

#[derive(Debug, Default)]
pub struct Storage {
    pending: BTreeMap<String, String>,
    hint: Option<String>,
    /// Whether the browser refuses to store and to read.
    pub refuses: bool,
}

impl Storage {
    /// Writes a record, as [`Effect::StorePending`](wristband_spa_auth::session::Effect) says:
    /// removes expired ones, and the oldest beyond the limit.
    pub fn store(&mut self, now: Now, config: &Config, key: &str, pending: &PendingLogin) -> Result<Vec<PendingLogin>, Error> {
        self.available()?;
        let read = |text: &str| PendingLogin::from_json(Value::parse(text.as_bytes()).unwrap(), config);
        let others = self.pending.values().filter_map(|text| read(text)).filter(|pending| !pending.has_expired(now)).collect();
        self.pending.insert(key.to_owned(), pending.to_json().to_text());
        self.pending.retain(|_, text| read(text).is_some_and(|pending| !pending.has_expired(now)));
        while self.pending.len() > MAX_PENDING {
            let oldest = self.pending.iter().max_by_key(|(_, text)| read(text).unwrap().age(now)).unwrap().0.clone();
            self.pending.remove(&oldest);
        }
        Ok(others)
    }

    pub fn claim(&mut self, config: &Config, key: &str) -> Result<Option<PendingLogin>, Error> {
        self.available()?;
        let text = self.pending.remove(key);
        Ok(text.and_then(|text| PendingLogin::from_json(Value::parse(text.as_bytes()).unwrap(), config)))
    }

    /// A script of the origin changes the stored form of every pending login.
    pub fn edit_pending(&mut self, edit: impl Fn(&mut serde_json::Value)) {
        for text in self.pending.values_mut() {
            *text = edited(text, &edit);
        }
    }

    /// A script of the origin changes the hint.
    pub fn edit_hint(&mut self, edit: impl Fn(&mut serde_json::Value)) {
        self.hint = self.hint.as_ref().map(|text| edited(text, &edit));
    }

    pub fn write_hint(&mut self, hint: &SessionHint) {
        self.hint = Some(hint.to_json().to_text());
    }

    pub fn clear_hint(&mut self) {
        self.hint = None;
    }

    pub fn hint(&self, config: &Config) -> Option<SessionHint> {
        self.hint.as_ref().map(|text| SessionHint::from_json(&Value::parse(text.as_bytes()).unwrap(), config))
    }

    /// The stored hint as it was written.
    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The pending logins as they were written.
    pub fn pending_texts(&self) -> Vec<&str> {
        self.pending.values().map(String::as_str).collect()
    }

    pub fn pending(&self, state: &str) -> Option<serde_json::Value> {
        let of = |(key, _): &(&String, &String)| key.rsplit('/').next() == Some(state);
        self.pending.iter().find(of).map(|(_, text)| serde_json::from_str(text).unwrap())
    }

    /// The only pending login.
    pub fn only_pending(&self) -> serde_json::Value {
        assert_eq!(self.pending.len(), 1);
        serde_json::from_str(self.pending_texts()[0]).unwrap()
    }

    fn available(&self) -> Result<(), Error> {
        if self.refuses { Err(Code::StorageUnavailable.into()) } else { Ok(()) }
    }
}

fn edited(text: &str, edit: &impl Fn(&mut serde_json::Value)) -> String {
    let mut value = serde_json::from_str(text).unwrap();
    edit(&mut value);
    value.to_string()
}
