//! Where the session starts.

use std::rc::Rc;

use leptos::prelude::*;

use super::UseAuth;
use crate::face::{self, Mounted, Standing};
use crate::{Config, State, VaultOptions};

/// Starts the session, and gives it to everything below.
///
/// The children are shown at once; what depends on the state is up to them.
#[component]
pub fn AuthProvider(
    /// The settings.
    config: Config,
    /// Where the vault may run: in the safest location that is available, by default.
    #[prop(optional)]
    vault: VaultOptions,
    /// What may use the session.
    children: Children,
) -> impl IntoView {
    let state = RwSignal::new(State::Loading);
    let start = || Rc::new(Mounted::start(config, vault, move |changed| drop(state.try_set(changed.clone()))));
    // A server has no session, and could not let go of one on another thread.
    let session = cfg!(target_arch = "wasm32").then(|| StoredValue::new_local(start()));
    provide_context(UseAuth {
        busy: RwSignal::new(0),
        error: RwSignal::new(None),
        last_action: StoredValue::new(0),
        person: Memo::new(move |_| state.with(face::person)),
        session,
        standing: Memo::new(move |_| state.with(|state| Standing::from(state))),
        state,
    });
    if let Some(mounted) = session {
        state.set(mounted.with_value(|mounted| mounted.state()));
        on_cleanup(move || {
            let _ = mounted.try_with_value(|mounted| mounted.end());
        });
    }
    children()
}
