//! Faults that a test orders from the provider, in the terms of the demo's provider: `demo/provider/README.md`, "Faults".

use serde_json::{Value, json};
use wristband_spa_auth::protocol::http::Response;
use wristband_spa_auth::protocol::jwks::Algorithm;
use wristband_spa_auth::session::Transport;

use super::history::Sent;
use super::id_token::{fill, merge, remove};
use super::keys::SigningKey;
use super::provider::{Endpoint, Provider, response};

/// An ordered fault, and how often it still happens.
pub struct Order {
    fault: Value,
    left: u64,
}

/// No request waits longer than this, in milliseconds.
const PATIENCE: u64 = 15_000;

const HTML: &str = "<!doctype html><title>Bad gateway</title>";

impl Provider {
    /// This goes wrong from now on, or as often as the fault says.
    pub fn order(&mut self, fault: Value) {
        let ids = fault["idToken"]["key"].as_object().map(|_| &fault["idToken"]["key"]);
        let published = fault["jwks"].as_array().into_iter().flatten().map(|entry| &entry["key"]);
        for key in ids.into_iter().chain(published).filter(|key| key.is_object()) {
            self.drawer.entry(key.to_string()).or_insert_with(|| make(key));
        }
        let left = fault["times"].as_u64().unwrap_or(u64::MAX);
        self.orders.push(Order { fault, left });
    }

    /// The key of this description, if there is one.
    pub(super) fn made(&self, key: &Value) -> Option<&SigningKey> {
        self.drawer.get(&key.to_string())
    }

    /// The ordered content of the next ID token.
    pub(super) fn ordered_id_token(&self) -> Value {
        let lies = self.orders.iter().map(|order| &order.fault["idToken"]);
        lies.into_iter().find(|lie| lie.is_object()).cloned().unwrap_or_default()
    }

    /// The parameters of a callback, as ordered. An error replaces the code.
    pub(super) fn ordered_callback(&self, answer: Vec<(&str, String)>) -> Vec<(String, String)> {
        let mut answer: Vec<_> = answer.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let changes = self.orders.iter().filter_map(|order| order.fault["redirect"].as_object());
        for (name, value) in changes.flatten() {
            answer.retain(|(other, _)| other != name && (name != "error" || other != "code"));
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            answer.extend(values.iter().filter_map(|value| Some((name.clone(), value.as_str()?.to_owned()))));
        }
        answer
    }

    pub(super) fn take_order(&mut self, endpoint: Endpoint) -> Option<Value> {
        let is_meant = |order: &&mut Order| order.left > 0 && order.fault["endpoint"].as_str() == name_of(endpoint);
        let order = self.orders.iter_mut().find(is_meant)?;
        order.left -= 1;
        Some(order.fault.clone())
    }

    /// Answers under a fault. A response that a browser would not let the page read never arrives.
    pub(super) fn answer_as_ordered(&mut self, fault: &Value, request: &Sent) -> Result<Response, Transport> {
        if fault["delayMs"].as_u64().is_some_and(|delay| delay > PATIENCE) {
            return Err(Transport::TimedOut);
        }
        let status = fault["status"].as_u64().map(|status| u16::try_from(status).unwrap());
        let redirects = status.is_some_and(|status| (300..400).contains(&status));
        if redirects {
            return Err(Transport::Failed);
        }
        if status.is_some() || fault["html"] == true {
            let body = match &fault["body"] {
                Value::String(text) => text.clone(),
                Value::Null if fault["html"] == true => HTML.to_owned(),
                Value::Null => String::new(),
                body => body.to_string(),
            };
            return Ok(response(status.unwrap_or(200), &body));
        }
        let honest = self.serve(request);
        if fault["cors"] == "blocked" || fault["truncate"] == true {
            return Err(Transport::Failed);
        }
        Ok(self.spoilt(fault, &honest))
    }

    fn spoilt(&self, fault: &Value, honest: &Response) -> Response {
        let Ok(mut body) = serde_json::from_str::<Value>(honest.body.expose()) else { return honest.clone() };
        for changes in ["tokenResponse", "userInfo", "metadata"] {
            merge(&mut body, &fault[changes]["set"]);
            remove(&mut body, &fault[changes]["remove"]);
        }
        if let Some(entries) = fault["jwks"].as_array() {
            body["keys"] = entries.iter().flat_map(|entry| self.listed(entry)).collect();
        }
        let text = fault["text"].as_str().map_or_else(|| body.to_string(), |template| fill(template, &body));
        response(honest.status, &text)
    }

    /// The keys that an entry of an ordered list stands for.
    fn listed(&self, entry: &Value) -> Vec<Value> {
        if entry == "published" {
            return self.published();
        }
        let mut jwk = entry.get("jwk").cloned().unwrap_or_else(|| {
            let key = self.made(&entry["key"]).unwrap();
            let mut jwk = key.jwk();
            jwk["alg"] = json!(key.algorithm.as_str());
            jwk
        });
        merge(&mut jwk, &entry["set"]);
        remove(&mut jwk, &entry["remove"]);
        vec![jwk]
    }
}

fn make(key: &Value) -> SigningKey {
    let algorithm = Algorithm::parse(key["alg"].as_str().unwrap()).unwrap();
    let mut made = SigningKey::another(algorithm, &key.to_string());
    made.bits = key["bits"].as_u64().map(|bits| usize::try_from(bits).unwrap());
    made
}

fn name_of(endpoint: Endpoint) -> Option<&'static str> {
    match endpoint {
        Endpoint::Confirmation => Some("validate"),
        Endpoint::Keys => Some("jwks"),
        Endpoint::Metadata => Some("discovery"),
        Endpoint::Pushed | Endpoint::Revocation => None,
        Endpoint::Token => Some("token"),
        Endpoint::UserInfo => Some("userinfo"),
    }
}
