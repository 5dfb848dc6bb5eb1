//! The component that starts the session.

use std::rc::Rc;

use leptos::children::ViewFn;
use leptos::prelude::*;

use super::UseAuth;
use super::failure::{FailureFn, Views};
use crate::components::{self, Mounted, Status};
use crate::{Config, State, VaultOptions};

/// Starts the session, and provides it to its children.
///
/// The children are rendered at once, while the state is still loading.
#[component]
pub fn AuthProvider(
    /// The settings.
    config: Config,
    /// Where the vault may run. By default, in the safest location that is available.
    #[prop(optional)]
    vault: VaultOptions,
    /// What the guards and routes below show while the state is loading, and until the browser has left. By default, nothing.
    #[prop(optional, into)]
    fallback: ViewFn,
    /// What they show when a login failed. By default, a message and a button.
    #[prop(optional, into)]
    failure: FailureFn,
    /// The components that can use the session.
    children: Children,
) -> impl IntoView {
    let state = RwSignal::new(State::Loading);
    let start = || Rc::new(Mounted::start(config, vault, move |changed| drop(state.try_set(changed.clone()))));
    // A server has no session, and could not drop one on another thread.
    let session = cfg!(target_arch = "wasm32").then(|| StoredValue::new_local(start()));
    provide_context(Views { fallback, failure });
    provide_context(UseAuth {
        busy: RwSignal::new(0),
        error: RwSignal::new(None),
        last_action: StoredValue::new(0),
        identity: Memo::new(move |_| state.with(components::identity)),
        session,
        status: Memo::new(move |_| state.with(|state| Status::from(state))),
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
