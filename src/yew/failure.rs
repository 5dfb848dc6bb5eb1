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

/// Renders the app's view of the failure, or a message and a button.
pub(super) fn show(view: Option<&Callback<Failure, Html>>, error: &Error, retry: &Callback<()>) -> Html {
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
