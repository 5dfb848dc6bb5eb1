//! Where the session starts.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::UseAuth;
use crate::face::{self, Standing, Starting};
use crate::{Config, State, Vault};

/// Starts the session, and gives it to everything below.
///
/// The children are shown at once; what depends on the state is up to them.
#[component]
pub fn AuthProvider(
    /// The settings.
    config: Config,
    /// Where the session lives: in the safest place that the app has files for, by default.
    #[prop(optional)]
    vault: Vault,
    /// What may use the session.
    children: Children,
) -> impl IntoView {
    let state = RwSignal::new(State::Loading);
    // A server has no session, and could not let go of one on another thread.
    let starting = cfg!(target_arch = "wasm32").then(|| StoredValue::new_local(Rc::new(Starting::default())));
    provide_context(UseAuth {
        busy: RwSignal::new(0),
        error: RwSignal::new(None),
        last_action: StoredValue::new(0),
        person: Memo::new(move |_| state.with(face::person)),
        standing: Memo::new(move |_| state.with(|state| Standing::from(state))),
        starting,
        state,
    });
    if let Some(starting) = starting {
        let session = starting.get_value();
        // Whoever waits for the session when this component goes is told so.
        on_cleanup(move || {
            let _ = starting.try_with_value(|starting| starting.forget());
        });
        spawn_local(async move {
            let outcome = face::start(config, vault, move |changed| drop(state.try_set(changed.clone()))).await;
            if let Some(now) = session.ended(outcome) {
                let _ = state.try_set(now);
            }
        });
    }
    children()
}
