//! What is shown when a login came to nothing.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{Error, face};

/// Why a login came to nothing, and the way on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Failure {
    /// Why. With the code `not_signed_in`, nothing failed: the person logged out, here or in another tab.
    pub error: Error,
    /// Begins a login again.
    pub retry: Callback<()>,
}

/// How an app shows a [`Failure`]: any function from it to a view. A sentence and a button, by default.
#[derive(Clone)]
pub struct FailureFn(Arc<dyn Fn(Failure) -> AnyView + Send + Sync>);

impl FailureFn {
    pub(super) fn run(&self, failure: Failure) -> AnyView {
        (self.0)(failure)
    }
}

impl<F, V> From<F> for FailureFn
where
    F: Fn(Failure) -> V + Send + Sync + 'static,
    V: IntoView + 'static,
{
    fn from(view: F) -> Self {
        Self(Arc::new(move |failure| view(failure).into_any()))
    }
}

impl Default for FailureFn {
    fn default() -> Self {
        Self::from(in_a_sentence)
    }
}

impl std::fmt::Debug for FailureFn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FailureFn")
    }
}

fn in_a_sentence(Failure { error, retry }: Failure) -> impl IntoView {
    view! {
        <div role="alert">
            <p>{face::sentence(&error)}</p>
            <button type="button" on:click=move |_| retry.run(())>{face::invitation(&error)}</button>
        </div>
    }
}
