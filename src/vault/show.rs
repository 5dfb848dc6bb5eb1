//! Values as the page sees them. None holds a token.

use js_sys::Object;
use wasm_bindgen::JsValue;

use crate::browser::global::set;
use crate::browser::value::write;
use crate::protocol::error::Error;
use crate::protocol::json::Value;
use crate::protocol::time::Timestamp;
use crate::protocol::user_info::UserInfo;
use crate::session::{SignedIn, State};

/// A state: an object whose `status` says which of the four it is.
pub(super) fn state(state: &State) -> JsValue {
    let shown = Object::new();
    set(&shown, "status", &state.name().into());
    match state {
        State::Failed(failure) => set(&shown, "error", &error(failure)),
        State::Loading => {}
        State::SignedIn(session) => signed_in(&shown, session),
        State::SignedOut(reason) => set(&shown, "reason", &reason.as_str().into()),
    }
    shown.into()
}

fn signed_in(shown: &Object, session: &SignedIn) {
    texts(
        shown,
        &[
            ("userId", Some(session.user_id.as_str())),
            ("tenantName", session.tenant.name.as_ref().map(|name| name.as_str())),
            ("tenantCustomDomain", session.tenant.custom_domain.as_ref().map(|domain| domain.as_str())),
            ("tenantId", session.tenant_id.as_deref()),
            ("identityProviderName", session.identity_provider_name.as_deref()),
            ("scope", Some(session.scope.as_str())),
        ],
    );
    let time = |at: Option<Timestamp>| Value::from(at.map(Timestamp::as_millis));
    values(
        shown,
        &[
            ("authenticatedAt", time(session.authenticated_at)),
            ("expiresAt", time(session.expires_at)),
            ("renewsAt", time(session.renews_at)),
            ("renewals", i64::from(session.renewals).into()),
            ("renewing", session.renewing.into()),
            ("claims", session.claims.clone()),
            ("clockSkew", session.clock_skew.into()),
            ("offline", session.offline.into()),
        ],
    );
    set(shown, "trouble", &session.trouble.as_ref().map_or(JsValue::NULL, error));
}

/// User info, with the names of Wristband's own SDKs.
pub(super) fn user_info(user: &UserInfo) -> JsValue {
    write(&user.to_json())
}

/// What the page makes an `AuthError` of.
pub(super) fn error(error: &Error) -> JsValue {
    let shown = Object::new();
    texts(
        &shown,
        &[("blame", Some(error.blame().as_str())), ("code", Some(error.code().as_str())), ("message", Some(&error.to_string()))],
    );
    let oauth = error.oauth().map_or(JsValue::NULL, |oauth| {
        let shown = Object::new();
        texts(&shown, &[("error", Some(oauth.error())), ("description", oauth.description())]);
        shown.into()
    });
    set(&shown, "oauth", &oauth);
    set(&shown, "retryable", &error.retryable().into());
    shown.into()
}

/// Sets members that are texts or missing. One loop over a table is smaller than a call for each.
fn texts(shown: &Object, members: &[(&str, Option<&str>)]) {
    for (name, text) in members {
        set(shown, name, &text.map_or(JsValue::NULL, JsValue::from_str));
    }
}

/// Sets members of any kind.
fn values(shown: &Object, members: &[(&str, Value)]) {
    for (name, value) in members {
        set(shown, name, &write(value));
    }
}
