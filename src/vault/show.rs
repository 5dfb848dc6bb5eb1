//! Values as the page sees them. None holds a token.

use wasm_bindgen::JsValue;

use crate::browser::value::write;
use crate::protocol::error::Error;
use crate::protocol::json::Value;
use crate::protocol::time::Timestamp;
use crate::protocol::user_info::UserInfo;
use crate::session::{SignedIn, State};

/// A state: an object whose `status` says which of the four it is.
pub(super) fn state(state: &State) -> JsValue {
    let status = ("status", state.name().into());
    write(&match state {
        State::Failed(failure) => Value::object([status, ("error", failed(failure))]),
        State::Loading => Value::object([status]),
        State::SignedIn(session) => signed_in(status, session),
        State::SignedOut(reason) => Value::object([status, ("reason", reason.as_str().into())]),
    })
}

fn signed_in(status: (&str, Value), session: &SignedIn) -> Value {
    let time = |at: Option<Timestamp>| Value::from(at.map(Timestamp::as_millis));
    let text = |text: &Option<String>| Value::from(text.as_deref());
    Value::object([
        status,
        ("userId", session.user_id.as_str().into()),
        ("tenantName", session.tenant.name.as_ref().map(|name| name.as_str()).into()),
        ("tenantCustomDomain", session.tenant.custom_domain.as_ref().map(|domain| domain.as_str()).into()),
        ("tenantId", text(&session.tenant_id)),
        ("identityProviderName", text(&session.identity_provider_name)),
        ("authenticatedAt", time(session.authenticated_at)),
        ("scope", session.scope.as_str().into()),
        ("expiresAt", time(session.expires_at)),
        ("renewsAt", time(session.renews_at)),
        ("renewals", i64::from(session.renewals).into()),
        ("renewing", session.renewing.into()),
        ("trouble", session.trouble.as_ref().map(failed).unwrap_or_default()),
        ("claims", session.claims.clone()),
        ("clockSkew", session.clock_skew.into()),
        ("offline", session.offline.into()),
    ])
}

/// User info, with the names of Wristband's own SDKs.
pub(super) fn user_info(user: &UserInfo) -> JsValue {
    write(&user.to_json())
}

/// What the page makes an `AuthError` of.
pub(super) fn error(error: &Error) -> JsValue {
    write(&failed(error))
}

fn failed(error: &Error) -> Value {
    let oauth =
        error.oauth().map(|oauth| Value::object([("error", oauth.error().into()), ("description", oauth.description().into())]));
    Value::object([
        ("blame", error.blame().as_str().into()),
        ("code", error.code().as_str().into()),
        ("message", error.to_string().as_str().into()),
        ("oauth", oauth.unwrap_or_default()),
        ("retryable", error.retryable().into()),
    ])
}
