//! The component that starts the session.

use std::cell::Cell;
use std::rc::Rc;

use yew::prelude::*;

use super::UseAuth;
use super::auth::{Change, Shown};
use super::failure::{Failure, Views};
use crate::components::Mounted;
use crate::{Config, State, VaultOptions};

/// The properties of [`AuthProvider`].
#[derive(Clone, PartialEq, Properties)]
#[allow(missing_debug_implementations, reason = "children have none")]
pub struct AuthProviderProps {
    /// The components that can use the session.
    pub children: Html,
    /// What the guards and routes below show when a login failed. By default, a message and a button.
    #[prop_or_default]
    pub failure: Option<Callback<Failure, Html>>,
    /// What they show while the state is loading, and until the browser has left. By default, nothing.
    #[prop_or_default]
    pub fallback: Html,
    /// The settings. If they change, another session starts.
    pub config: Config,
    /// Where the vault may run. By default, in the safest location that is available.
    #[prop_or_default]
    pub vault: VaultOptions,
}

/// Starts the session, and provides it to its children.
#[component]
pub fn AuthProvider(props: &AuthProviderProps) -> Html {
    let settings = (props.config.clone(), props.vault.clone());
    let shown = use_reducer(Shown::default);
    let last_action = use_memo((), |()| Cell::new(0));
    let change = shown.dispatcher();
    let session = use_memo(settings.clone(), |(config, vault)| {
        let changed = move |state: &State| change.dispatch(Change::State(state.clone()));
        // A server has no session.
        cfg!(target_arch = "wasm32").then(|| Mounted::start(config.clone(), vault.clone(), changed))
    });
    let (change, mounted) = (shown.dispatcher(), Rc::clone(&session));
    use_effect_with(settings, move |_| {
        if let Some(session) = &*mounted {
            change.dispatch(Change::State(session.state()));
        }
        move || {
            if let Some(session) = &*mounted {
                session.end();
            }
        }
    });
    let context = UseAuth { change: shown.dispatcher(), last_action, session, shown: Rc::new((*shown).clone()) };
    let views = Views { failure: props.failure.clone(), fallback: props.fallback.clone() };
    html! {
        <ContextProvider<UseAuth> {context}>
            <ContextProvider<Views> context={views}>{ props.children.clone() }</ContextProvider<Views>>
        </ContextProvider<UseAuth>>
    }
}
