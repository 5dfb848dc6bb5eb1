//! Values as the npm package shows them.

use js_sys::{JSON, Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wristband_spa_auth::{Auth, Error, Finding, LastSignIn, LogoutResult, State, Timestamp, Value};

use crate::face::{class, set};

/// A result of `diagnose`.
pub(crate) fn finding(finding: &Finding) -> JsValue {
    let members = [
        ("check", finding.check.as_str().into()),
        ("ok", finding.ok.map_or(Value::Null, Value::Bool)),
        ("cause", finding.cause.as_str().into()),
        ("remedy", finding.remedy.as_str().into()),
    ];
    value(&Value::object(members))
}

/// A state of the session, and the vault's location.
pub(crate) fn state(auth: &Auth) -> JsValue {
    let state = auth.state();
    let mut members = vec![
        ("status", state.name().into()),
        ("vault", auth.vault_kind().as_str().into()),
        ("vaultFallback", auth.vault_fallback().as_deref().into()),
    ];
    match &state {
        State::SignedIn(session) => {
            let time = |at: Option<Timestamp>| Value::from(at.map(Timestamp::as_millis));
            let tenant = &session.tenant;
            members.extend([
                ("userId", session.user_id.as_str().into()),
                ("tenantName", tenant.name.as_ref().map(|name| name.as_str()).into()),
                ("tenantCustomDomain", tenant.custom_domain.as_ref().map(|domain| domain.as_str()).into()),
                ("tenantId", session.tenant_id.as_deref().into()),
                ("identityProviderName", session.identity_provider_name.as_deref().into()),
                ("scope", session.scope.as_str().into()),
                ("acr", session.acr.as_deref().into()),
                ("isBound", session.is_bound.into()),
                ("authenticatedAt", time(session.authenticated_at)),
                ("expiresAt", time(session.expires_at)),
                ("renewsAt", time(session.renews_at)),
                ("idleLogoutAt", time(session.idle_logout_at)),
                ("renewals", i64::from(session.renewals).into()),
                ("renewing", session.renewing.into()),
                ("claims", session.claims.clone()),
                ("clockSkew", session.clock_skew.into()),
                ("offline", session.offline.into()),
            ]);
        }
        State::SignedOut(reason) => members.push(("reason", reason.as_str().into())),
        _ => {}
    }
    let shown = value(&Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()));
    match &state {
        State::Failed(failure) => set(&shown, "error", &error(failure)),
        State::SignedIn(session) => set(&shown, "renewalError", &session.renewal_error.as_ref().map_or(JsValue::NULL, error)),
        _ => {}
    }
    shown
}

/// The outcome of a sign-in.
pub(crate) fn sign_in(last: &LastSignIn) -> JsValue {
    let shown = Object::new();
    set(&shown, "returnTo", &last.return_to.as_deref().map_or(JsValue::NULL, JsValue::from));
    set(&shown, "error", &last.error.as_ref().map_or(JsValue::NULL, error));
    shown.into()
}

/// The outcome of a logout.
pub(crate) fn logout(outcome: LogoutResult) -> JsValue {
    let shown = Object::new();
    set(&shown, "endsProviderSession", &outcome.ends_provider_session.into());
    shown.into()
}

/// A JavaScript value.
pub(crate) fn value(value: &Value) -> JsValue {
    JSON::parse(&value.to_text()).unwrap_or_default()
}

/// What the npm package throws.
pub(crate) fn error(error: &Error) -> JsValue {
    let shown = Reflect::construct(&class("Error"), &js_sys::Array::of1(&error.to_string().into())).unwrap_or_default();
    let oauth = error
        .oauth()
        .map_or(Value::Null, |oauth| Value::object([("error", oauth.error().into()), ("description", oauth.description().into())]));
    let members = Value::object([
        ("name", "AuthError".into()),
        ("code", error.code().as_str().into()),
        ("blame", error.blame().as_str().into()),
        ("detail", error.detail().into()),
        ("retryable", error.retryable().into()),
        ("oauth", oauth),
    ]);
    let (shown, members): (Object, Object) = (shown.unchecked_into(), value(&members).unchecked_into());
    Object::assign(&shown, &members).into()
}
