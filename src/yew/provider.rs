//! Where the session starts.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::UseAuth;
use super::auth::{Change, Shown};
use crate::face::{self, Starting};
use crate::{Config, State, Vault};

/// The settings, and what may use the session.
#[derive(Clone, PartialEq, Properties)]
#[allow(missing_debug_implementations, reason = "children have none")]
pub struct AuthProviderProps {
    /// What may use the session.
    pub children: Html,
    /// The settings. With other ones another session starts.
    pub config: Config,
    /// Where the session lives: in the safest place that the app has files for, by default.
    #[prop_or_default]
    pub vault: Vault,
}

/// Starts the session, and gives it to everything below.
#[component]
pub fn AuthProvider(props: &AuthProviderProps) -> Html {
    let settings = (props.config.clone(), props.vault.clone());
    let shown = use_reducer(Shown::default);
    let last_action = use_memo((), |()| Cell::new(0));
    let starting = use_memo(settings.clone(), |_| Starting::default());
    let (change, session) = (shown.dispatcher(), Rc::clone(&starting));
    use_effect_with(settings, move |(config, vault)| {
        let (config, vault, forgotten) = (config.clone(), vault.clone(), Rc::clone(&session));
        change.dispatch(Change::State(State::Loading));
        spawn_local(async move {
            let changing = change.clone();
            let outcome = face::start(config, vault, move |state| changing.dispatch(Change::State(state.clone()))).await;
            if let Some(now) = session.ended(outcome) {
                change.dispatch(Change::State(now));
            }
        });
        move || forgotten.forget()
    });
    let context = UseAuth { change: shown.dispatcher(), last_action, shown: Rc::new((*shown).clone()), starting };
    html! { <ContextProvider<UseAuth> {context}>{ props.children.clone() }</ContextProvider<UseAuth>> }
}
