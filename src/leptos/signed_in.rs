//! Components that depend on whether a user is signed in.

use leptos::prelude::*;

use super::use_auth;
use crate::components::Status;

/// Renders its children while a user is signed in. For another user, or another tenant, it renders them anew: nothing that a
/// child keeps of the previous user is shown to the next.
#[component]
pub fn SignedIn(
    /// What to show while no user is signed in, and while the state is loading. By default, nothing.
    #[prop(optional, into)]
    fallback: ViewFn,
    /// What to show.
    children: ChildrenFn,
) -> impl IntoView {
    let identity = use_auth().identity;
    move || if identity.get().is_some() { children() } else { fallback.run() }
}

/// Renders its children while no user is signed in. Renders nothing while the state is loading.
#[component]
pub fn SignedOut(
    /// What to show.
    children: ChildrenFn,
) -> impl IntoView {
    let status = use_auth().status;
    let signed_out = Memo::new(move |_| status.with(|status| matches!(status, Status::Failed(_) | Status::Out(_))));
    move || signed_out.get().then(|| children())
}
