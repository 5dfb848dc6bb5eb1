//! What is shown when a login failed.

use std::sync::Arc;

use leptos::children::ViewFn;
use leptos::prelude::*;

use crate::{Error, components};

/// What the guards and routes below an `AuthProvider` show, unless they say otherwise.
#[derive(Clone, Default)]
pub(super) struct Views {
    pub(super) fallback: ViewFn,
    pub(super) failure: FailureFn,
}

impl Views {
    /// Those of a component. What it does not name is the provider's.
    pub(super) fn of(fallback: Option<ViewFn>, failure: Option<FailureFn>) -> Self {
        let defaults: Self = use_context().unwrap_or_default();
        Self { fallback: fallback.unwrap_or(defaults.fallback), failure: failure.unwrap_or(defaults.failure) }
    }
}

/// Why a login failed, and how to start another one.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The reason. If its code is `not_signed_in`, nothing failed: the user logged out, here or in another tab.
    pub error: Error,
    /// Starts another login.
    pub retry: Callback<()>,
}

/// How the app shows a [`Failure`]: any function from it to a view. By default, a message and a button.
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
            <p>{error.message()}</p>
            <button type="button" on:click=move |_| retry.run(())>{components::retry_label(&error)}</button>
        </div>
    }
}
