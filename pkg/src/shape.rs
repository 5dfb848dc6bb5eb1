//! Values as JavaScript sees them.

use js_sys::Reflect;
use serde::Serialize as _;
use wasm_bindgen::JsValue;
use wristband_spa_auth::{Error, Role, SignedIn, State, Timestamp, UserInfo, Value};

/// A state: an object whose `status` says which of the four it is.
pub(crate) fn state(state: &State) -> JsValue {
    let status = ("status", state.name().into());
    match state {
        State::SignedIn(session) => to_js(&signed_in(status, session)),
        State::SignedOut(reason) => to_js(&Value::object([status, ("reason", reason.as_str().into())])),
        State::Failed(failure) => {
            let object = to_js(&Value::object([status]));
            set(&object, "error", &error(failure));
            object
        }
        _ => to_js(&Value::object([status])),
    }
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
        ("trouble", session.trouble.as_ref().map(|trouble| trouble.code().as_str()).into()),
        ("claims", session.claims.clone()),
        ("clockSkew", session.clock_skew.into()),
        ("offline", session.offline.into()),
    ])
}

/// User info, with the names of Wristband's own SDKs.
pub(crate) fn user_info(user: &UserInfo) -> JsValue {
    let text = |text: &Option<String>| Value::from(text.as_deref());
    to_js(&Value::object([
        ("applicationId", text(&user.application_id)),
        ("birthdate", text(&user.birthdate)),
        ("claims", user.claims.clone()),
        ("customClaims", user.custom_claims.clone().unwrap_or_default()),
        ("displayName", text(&user.display_name)),
        ("email", text(&user.email)),
        ("emailVerified", user.email_verified.into()),
        ("familyName", text(&user.family_name)),
        ("fullName", text(&user.full_name)),
        ("gender", text(&user.gender)),
        ("givenName", text(&user.given_name)),
        ("identityProviderName", text(&user.identity_provider_name)),
        ("locale", text(&user.locale)),
        ("middleName", text(&user.middle_name)),
        ("nickname", text(&user.nickname)),
        ("phoneNumber", text(&user.phone_number)),
        ("phoneNumberVerified", user.phone_number_verified.into()),
        ("pictureUrl", text(&user.picture_url)),
        ("roles", Value::Array(user.roles.iter().map(role).collect())),
        ("tenantId", text(&user.tenant_id)),
        ("timeZone", text(&user.time_zone)),
        ("updatedAt", user.updated_at.into()),
        ("userId", user.user_id.as_str().into()),
    ]))
}

fn role(role: &Role) -> Value {
    Value::object([
        ("displayName", role.display_name.as_deref().into()),
        ("id", role.id.as_deref().into()),
        ("name", role.name.as_str().into()),
    ])
}

/// An `Error` with `code`, `blame`, `retryable`, and `oauth` where the provider said something.
pub(crate) fn error(error: &Error) -> JsValue {
    let object: JsValue = js_sys::Error::new(&error.to_string()).into();
    set(&object, "name", &"AuthError".into());
    set(&object, "code", &error.code().as_str().into());
    set(&object, "blame", &error.blame().as_str().into());
    set(&object, "retryable", &error.retryable().into());
    if let Some(oauth) = error.oauth() {
        let oauth = Value::object([("error", oauth.error().into()), ("description", oauth.description().into())]);
        set(&object, "oauth", &to_js(&oauth));
    }
    object
}

fn set(object: &JsValue, name: &str, value: &JsValue) {
    // Setting a member of an object that was just made cannot fail.
    let _ = Reflect::set(object, &name.into(), value);
}

fn to_js(value: &Value) -> JsValue {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or(JsValue::UNDEFINED)
}
