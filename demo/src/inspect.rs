//! The session behind the components: where it lives, and what it asks for.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wristband_spa_auth::{Auth, Code, Config, Error, Exchange, Home, Subscription, Vault};

/// The session, once it has started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inspection {
    auth: StoredValue<Option<Auth>, LocalStorage>,
    home: RwSignal<Option<Home>>,
    listening: StoredValue<Option<Subscription>, LocalStorage>,
}

/// Begins to look at the session, and gives that to everything below.
pub(crate) fn provide_inspection(config: Config, vault: Vault, hear: impl Fn(&Exchange) + 'static) {
    let inspection =
        Inspection { auth: StoredValue::new_local(None), home: RwSignal::new(None), listening: StoredValue::new_local(None) };
    provide_context(inspection);
    spawn_local(async move {
        // The same session as that of the components: it starts once.
        let Ok(auth) = Auth::start_in(config, vault).await else { return };
        let _ = inspection.listening.try_set_value(Some(auth.on_exchange(hear)));
        let _ = inspection.home.try_set(Some(auth.home()));
        let _ = inspection.auth.try_set_value(Some(auth));
    });
}

/// What [`provide_inspection`] looks at.
pub(crate) fn use_inspection() -> Inspection {
    expect_context()
}

impl Inspection {
    /// Where the session lives; nothing before it has started.
    pub(crate) fn home(self) -> Signal<Option<Home>> {
        self.home.into()
    }

    /// Has the access token count as refused.
    pub(crate) async fn expire(self) -> Result<(), Error> {
        match self.auth.try_get_value().flatten() {
            Some(auth) => auth.expire().await,
            None => Err(Code::NotSignedIn.into()),
        }
    }
}
