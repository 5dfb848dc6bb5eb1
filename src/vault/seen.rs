//! Values as the vault shows them, read in the page: the other way round to `show.rs`.

use std::sync::Arc;

use crate::protocol::error::{Code, Error, OAuthError};
use crate::protocol::json::Value;
use crate::protocol::tenant::{Tenant, TenantCustomDomain, TenantName};
use crate::protocol::time::Timestamp;
use crate::session::{Reason, SignedIn, State};

/// A state. `None` for what is none.
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

/// An error. One that says nothing that can be understood is of a vault that is no vault.
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
