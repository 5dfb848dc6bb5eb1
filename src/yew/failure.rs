//! What is shown when a login came to nothing.

use yew::prelude::*;

use crate::{Error, face};

/// Why a login came to nothing, and the way on.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Failure {
    /// Why. With the code `not_signed_in`, nothing failed: the person logged out, here or in another tab.
    pub error: Error,
    /// Begins a login again.
    pub retry: Callback<()>,
}

/// In the app's words, or else a sentence and a button.
pub(super) fn show(view: Option<&Callback<Failure, Html>>, error: &Error, retry: &Callback<()>) -> Html {
    let (error, retry) = (error.clone(), retry.clone());
    match view {
        Some(view) => view.emit(Failure { error, retry }),
        None => html! {
            <div role="alert">
                <p>{ face::sentence(&error) }</p>
                <button type="button" onclick={move |_: MouseEvent| retry.emit(())}>{ face::invitation(&error) }</button>
            </div>
        },
    }
}
