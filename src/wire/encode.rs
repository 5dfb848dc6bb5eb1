//! Encodes values for the page. None holds a token.

use js_sys::Object;
use wasm_bindgen::JsValue;

use crate::browser::global::Members as _;
use crate::browser::value::write;
use crate::protocol::challenge::StepUp;
use crate::protocol::error::Error;
use crate::protocol::time::Timestamp;
use crate::protocol::user_info::UserInfo;
use crate::session::{SessionNumber, State, UserSession};

/// A state: an object whose `status` says which of the four it is. While a user is signed in,
/// `session` is the number of the session, for the page to send with its calls.
pub(crate) fn state(state: &State, session: Option<SessionNumber>) -> JsValue {
    let shown = Object::new().text("status", state.name());
    let shown = match state {
        State::Failed(failure) => shown.value("error", &error(failure)),
        State::Loading => shown,
        State::SignedIn(user) => {
            // Below 2^53, so that JavaScript holds it exactly.
            let number = session.map_or(JsValue::NULL, |session| JsValue::from_f64(session.as_u64() as f64));
            signed_in(shown, user).value("session", &number)
        }
        State::SignedOut(reason) => shown.text("reason", reason.as_str()),
    };
    shown.into()
}

fn signed_in(shown: Object, session: &UserSession) -> Object {
    let tenant = &session.tenant;
    let shown = shown
        .text("userId", session.user_id.as_str())
        .text("tenantName", tenant.name.as_ref().map(|name| name.as_str()))
        .text("tenantCustomDomain", tenant.custom_domain.as_ref().map(|domain| domain.as_str()))
        .text("tenantId", session.tenant_id.as_deref())
        .text("identityProviderName", session.identity_provider_name.as_deref())
        .text("acr", session.acr.as_deref())
        .flag("isBound", session.is_bound)
        .text("scope", session.scope.as_str())
        .value("renewals", &session.renewals.into())
        .flag("renewing", session.renewing)
        .value("claims", &write(&session.claims))
        .value("customState", &write(&session.custom_state))
        .value("clockSkew", &number(Some(session.clock_skew)))
        .flag("offline", session.offline)
        .value("renewalError", &session.renewal_error.as_ref().map_or(JsValue::NULL, error));
    let time = |at: Option<Timestamp>| number(at.map(Timestamp::as_millis));
    shown
        .value("authenticatedAt", &time(session.authenticated_at))
        .value("expiresAt", &time(session.expires_at))
        .value("renewsAt", &time(session.renews_at))
        .value("idleLogoutAt", &time(session.idle_logout_at))
}

/// A time, or a difference of times. A JavaScript number holds either exactly.
fn number(number: Option<i64>) -> JsValue {
    number.map_or(JsValue::NULL, |number| JsValue::from_f64(number as f64))
}

/// User info, with the names of Wristband's own SDKs.
pub(crate) fn user_info(user: &UserInfo) -> JsValue {
    write(&user.to_json())
}

/// The object from which the page makes an `AuthError`.
pub(crate) fn error(error: &Error) -> JsValue {
    let oauth = error
        .oauth()
        .map_or(JsValue::NULL, |oauth| Object::new().text("error", oauth.error()).text("description", oauth.description()).into());
    let shown = Object::new()
        .text("blame", error.blame().as_str())
        .text("code", error.code().as_str())
        .text("detail", error.detail())
        .text("message", error.to_string().as_str())
        .value("oauth", &oauth)
        .flag("retryable", error.retryable());
    let Some(StepUp { acr_values, max_age, .. }) = error.step_up() else { return shown.into() };
    let max_age = max_age.map_or(JsValue::NULL, |seconds| JsValue::from_f64(seconds.into()));
    shown.text("acrValues", acr_values.as_deref()).value("maxAge", &max_age).into()
}
