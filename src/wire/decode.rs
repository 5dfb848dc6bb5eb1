//! Decodes the vault's values in the page: the inverse of `encode.rs`.

use std::sync::Arc;

use js_sys::JSON;
use wasm_bindgen::JsValue;

use crate::browser::global::member;
use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;
use crate::protocol::tenant::{Tenant, TenantCustomDomain, TenantName};
use crate::protocol::time::Timestamp;
use crate::session::{Reason, State, UserSession};

/// Reads a value of the page's client. It is plain data; its errors have a `toJSON` method.
pub(crate) fn value(shown: &JsValue) -> Option<Value> {
    let text = JSON::stringify(shown).ok().and_then(|text| text.as_string())?;
    Value::parse(text.as_bytes())
}

/// The state that the page's client shows.
pub(crate) fn state_of(shown: &JsValue) -> State {
    value(shown).as_ref().and_then(state).unwrap_or_else(|| State::Failed(Code::VaultUnavailable.into()))
}

/// What the page's client throws: an error of this library, with its code, or an error of the browser.
pub(crate) fn thrown(thrown: &JsValue) -> Error {
    match value(thrown) {
        Some(failure) if failure.get_str("code").is_some() => error(&failure),
        _ => Error::with_detail(Code::Network, member(thrown, "message").as_string().unwrap_or_default()),
    }
}

/// A state. `None` if the value is not one.
pub(crate) fn state(shown: &Value) -> Option<State> {
    let status = shown.get_str("status")?;
    if status == State::Loading.name() {
        return Some(State::Loading);
    }
    if let Some(failure) = shown.get("error") {
        return Some(State::Failed(error(failure)));
    }
    if let Some(word) = shown.get_str("reason") {
        return Reason::ALL.into_iter().find(|reason| reason.as_str() == word).map(State::SignedOut);
    }
    Some(State::SignedIn(Arc::new(signed_in(shown)?)))
}

fn signed_in(shown: &Value) -> Option<UserSession> {
    let text = |name| shown.get_str(name).map(str::to_owned);
    let integer = |name| shown.get(name).and_then(Value::as_integer);
    let time = |name| integer(name).map(Timestamp::from_millis);
    let flag = |name| shown.get(name).and_then(Value::as_bool).unwrap_or(false);
    Some(UserSession {
        user_id: text("userId")?,
        tenant: Tenant {
            name: shown.get_str("tenantName").and_then(|name| TenantName::parse(name).ok()),
            // The vault has read it already, by rules that may be stricter.
            custom_domain: shown.get_str("tenantCustomDomain").and_then(|domain| TenantCustomDomain::parse(domain, true).ok()),
        },
        tenant_id: text("tenantId"),
        identity_provider_name: text("identityProviderName"),
        authenticated_at: time("authenticatedAt"),
        acr: text("acr"),
        is_bound: flag("isBound"),
        scope: text("scope")?,
        expires_at: time("expiresAt"),
        renews_at: time("renewsAt"),
        renewals: u32::try_from(integer("renewals")?).ok()?,
        renewing: flag("renewing"),
        renewal_error: shown.get("renewalError").map(error),
        idle_logout_at: time("idleLogoutAt"),
        claims: shown.get("claims").cloned().unwrap_or_default(),
        custom_state: shown.get("customState").cloned().unwrap_or_default(),
        clock_skew: integer("clockSkew").unwrap_or(0),
        offline: flag("offline"),
    })
}

/// An error. An unknown code becomes `vault_unavailable`.
pub(crate) fn error(shown: &Value) -> Error {
    Error::from_json(shown).unwrap_or_else(|| Code::VaultUnavailable.into())
}
