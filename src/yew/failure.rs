//! What is shown when a login failed.

use yew::prelude::*;

use crate::{Error, components};

/// Why a login failed, and how to start another one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Failure {
    /// The reason. If its code is `not_signed_in`, nothing failed: the user logged out, here or in another tab.
    pub error: Error,
    /// Starts another login.
    pub retry: Callback<()>,
}

/// What the guards and routes below an `AuthProvider` show, unless they say otherwise.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Views {
    pub(super) failure: Option<Callback<Failure, Html>>,
    pub(super) fallback: Html,
}

/// The views of a component. What it does not name is the provider's.
#[hook]
pub(super) fn use_views(fallback: &Option<Html>, failure: &Option<Callback<Failure, Html>>) -> Views {
    let defaults: Views = use_context().unwrap_or_default();
    Views { failure: failure.clone().or(defaults.failure), fallback: fallback.clone().unwrap_or(defaults.fallback) }
}

impl Views {
    /// The view of a failure if there is one, and otherwise the fallback.
    pub(super) fn show(self, error: Option<&Error>, retry: &Callback<()>) -> Html {
        match error {
            Some(error) => show(self.failure.as_ref(), error, retry),
            None => self.fallback,
        }
    }
}

/// Renders the app's view of the failure, or a message and a button.
fn show(view: Option<&Callback<Failure, Html>>, error: &Error, retry: &Callback<()>) -> Html {
    let (error, retry) = (error.clone(), retry.clone());
    match view {
        Some(view) => view.emit(Failure { error, retry }),
        None => html! {
            <div role="alert">
                <p>{ error.message() }</p>
                <button type="button" onclick={move |_: MouseEvent| retry.emit(())}>{ components::retry_label(&error) }</button>
            </div>
        },
    }
}
