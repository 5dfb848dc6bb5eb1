//! Values as the page sees them. None holds a token.

use wasm_bindgen::JsValue;

use crate::browser::value::write;
use crate::protocol::error::Error;
use crate::protocol::json::Value;
use crate::protocol::time::Timestamp;
use crate::protocol::user_info::{Role, UserInfo};
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
    let text = |text: &Option<String>| Value::from(text.as_deref());
    write(&Value::object([
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
