//! Values as the vault encodes them, read in the page: the other way round to `encode.rs`.

use std::sync::Arc;

use js_sys::JSON;
use wasm_bindgen::JsValue;

use super::location::VaultKind;
use crate::browser::global::member;
use crate::protocol::error::{Code, Error, OAuthError};
use crate::protocol::json::Value;
use crate::protocol::tenant::{Tenant, TenantCustomDomain, TenantName};
use crate::protocol::time::Timestamp;
use crate::session::{Reason, SignedIn, State};

/// A value of the page's client. It is plain data, and errors know themselves how they are written.
pub(super) fn value(shown: &JsValue) -> Option<Value> {
    let text = JSON::stringify(shown).ok().and_then(|text| text.as_string())?;
    Value::parse(text.as_bytes())
}

/// The state that the page's client shows.
pub(super) fn state_of(shown: &JsValue) -> State {
    value(shown).as_ref().and_then(state).unwrap_or_else(|| State::Failed(Code::VaultUnavailable.into()))
}

/// The location that is named in a state.
pub(super) fn kind(shown: &JsValue) -> VaultKind {
    let word = member(shown, "vault").as_string();
    VaultKind::ALL.iter().copied().find(|kind| Some(kind.as_str()) == word.as_deref()).unwrap_or(VaultKind::Page)
}

/// What the page's client throws: an error of this library, with its code, or one of the browser.
pub(super) fn thrown(thrown: &JsValue) -> Error {
    match value(thrown) {
        Some(failure) if failure.text("code").is_some() => error(&failure),
        _ => Error::with_detail(Code::Network, member(thrown, "message").as_string().unwrap_or_default()),
    }
}

/// A state. `None` if the value is not one.
pub(super) fn state(shown: &Value) -> Option<State> {
    let status = shown.text("status")?;
    if status == State::Loading.name() {
        return Some(State::Loading);
    }
    if let Some(failure) = shown.get("error") {
        return Some(State::Failed(error(failure)));
    }
    if let Some(word) = shown.text("reason") {
        let reasons = [Reason::Expired, Reason::NeverSignedIn, Reason::SignedOut];
        return reasons.into_iter().find(|reason| reason.as_str() == word).map(State::SignedOut);
    }
    Some(State::SignedIn(Arc::new(signed_in(shown)?)))
}

fn signed_in(shown: &Value) -> Option<SignedIn> {
    let text = |name| shown.text(name).map(str::to_owned);
    let integer = |name| shown.get(name).and_then(Value::as_integer);
    let time = |name| integer(name).map(Timestamp::from_millis);
    let flag = |name| shown.get(name).and_then(Value::as_bool).unwrap_or(false);
    Some(SignedIn {
        user_id: text("userId")?,
        tenant: Tenant {
            name: shown.text("tenantName").and_then(|name| TenantName::parse(name).ok()),
            // The vault has read it already, by rules that may be stricter.
            custom_domain: shown.text("tenantCustomDomain").and_then(|domain| TenantCustomDomain::parse(domain, true).ok()),
        },
        tenant_id: text("tenantId"),
        identity_provider_name: text("identityProviderName"),
        authenticated_at: time("authenticatedAt"),
        scope: text("scope")?,
        expires_at: time("expiresAt"),
        renews_at: time("renewsAt"),
        renewals: u32::try_from(integer("renewals")?).ok()?,
        renewing: flag("renewing"),
        trouble: shown.get("trouble").map(error),
        claims: shown.get("claims").cloned().unwrap_or_default(),
        clock_skew: integer("clockSkew").unwrap_or(0),
        offline: flag("offline"),
    })
}

/// An error. An unknown code becomes `vault_unavailable`.
pub(super) fn error(shown: &Value) -> Error {
    let code = shown.text("code").and_then(|text| Code::ALL.iter().find(|code| code.as_str() == text));
    let Some(code) = code.copied() else { return Code::VaultUnavailable.into() };
    let oauth = shown.get("oauth").and_then(|oauth| OAuthError::new(oauth.text("error")?, oauth.text("description")));
    match oauth {
        Some(oauth) => Error::with_oauth(code, oauth),
        None => Error::with_detail(code, detail(code, shown.text("message").unwrap_or_default()).unwrap_or_default().to_owned()),
    }
}

/// What the sentence of an error has beyond what every error of its code has: `blame: sentence: detail (code)`.
fn detail(code: Code, message: &str) -> Option<&str> {
    let rest = message.strip_prefix(code.blame().as_str())?.strip_prefix(": ")?;
    let rest = rest.strip_prefix(code.sentence())?.strip_prefix(": ")?;
    rest.strip_suffix(")")?.strip_suffix(code.as_str())?.strip_suffix(" (")
}
