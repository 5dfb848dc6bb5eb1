//! The session behind the components: where it lives, and what it asks for.

use leptos::prelude::*;
use wristband_spa_auth::leptos::{UseAuth, use_auth};
use wristband_spa_auth::{Code, Error, Exchange, RequestSubscription, VaultKind};

/// Calls back after every request that the session made, those of its start included.
pub(crate) fn on_exchange(hear: impl Fn(&Exchange) + 'static) {
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

/// Where the session lives; nothing before it has started.
pub(crate) fn home(auth: UseAuth) -> Memo<Option<VaultKind>> {
    Memo::new(move |_| {
        auth.state().track();
        auth.auth().map(|session| session.vault_kind())
    })
}

/// Has the access token count as refused.
pub(crate) async fn expire(auth: UseAuth) -> Result<(), Error> {
    match auth.auth() {
        Some(session) => session.expire().await,
        None => Err(Code::NotSignedIn.into()),
    }
}
