//! The session behind the components: where it runs, and which requests it makes.

use leptos::prelude::*;
use wristband_spa_auth::leptos::{UseAuth, use_auth};
use wristband_spa_auth::{Code, Error, RequestLog, RequestSubscription, VaultKind};

/// Calls `hear` after each request of the session, including those of its start.
pub(crate) fn on_exchange(hear: impl Fn(&RequestLog) + 'static) {
    let auth = use_auth();
    let mut hear = Some(hear);
    let listening: StoredValue<Option<RequestSubscription>, LocalStorage> = StoredValue::new_local(None);
    Effect::new(move |_| {
        auth.state().track();
        if let Some(session) = auth.auth()
            && let Some(hear) = hear.take()
        {
            listening.set_value(Some(session.on_exchange(hear)));
        }
    });
}

/// Where the session runs. `None` before it has started.
pub(crate) fn home(auth: UseAuth) -> Memo<Option<VaultKind>> {
    Memo::new(move |_| {
        auth.state().track();
        auth.auth().map(|session| session.vault_kind())
    })
}

/// Makes the session treat the access token as refused.
pub(crate) async fn expire(auth: UseAuth) -> Result<(), Error> {
    match auth.auth() {
        Some(session) => session.expire().await,
        None => Err(Code::NotSignedIn.into()),
    }
}
