//! What the web view shows: each type has the fields that are shown, and no other. None of them can hold a token.

use serde::Serialize;
use wristband_spa_auth::native::Storage;
use wristband_spa_auth::{State, UserInfo};

use crate::problem::Problem;

/// The state of the session.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionView {
    /// `failed`, `loading`, `signed-in` or `signed-out`.
    status: &'static str,
    user_id: Option<String>,
    tenant_name: Option<String>,
    /// Why the login or the last renewal failed.
    problem: Option<Problem>,
    /// Whether the user stays signed in when the app is restarted.
    is_stored: bool,
}

impl SessionView {
    pub(crate) fn new(state: &State, storage: &Storage) -> Self {
        let session = state.signed_in();
        let problem = match state {
            State::Failed(error) => Some(error),
            _ => session.and_then(|session| session.renewal_error.as_ref()),
        };
        Self {
            status: state.name(),
            user_id: session.map(|session| session.user_id.clone()),
            tenant_name: session.and_then(|session| session.tenant.name.as_ref()).map(|name| name.as_str().to_owned()),
            problem: problem.cloned().map(Problem::from),
            is_stored: matches!(storage, Storage::Secure(_)),
        }
    }
}

/// The user.
#[derive(Debug, Serialize)]
pub(crate) struct UserView {
    name: Option<String>,
    email: Option<String>,
    roles: Vec<String>,
}

impl From<&UserInfo> for UserView {
    fn from(info: &UserInfo) -> Self {
        Self {
            name: info.full_name().map(str::to_owned),
            email: info.email().map(str::to_owned),
            roles: info.roles().map(|role| role.display_name.unwrap_or(role.name).to_owned()).collect(),
        }
    }
}
