//! What is shown to whom.

use leptos::prelude::*;

use super::use_auth;
use crate::face::Standing;

/// Shows its children while somebody is signed in.
#[component]
pub fn SignedIn(
    /// What to show.
    children: ChildrenFn,
) -> impl IntoView {
    let standing = use_auth().standing;
    let signed_in = Memo::new(move |_| standing.with(|standing| matches!(standing, Standing::In)));
    move || signed_in.get().then(|| children())
}

/// Shows its children while nobody is signed in: not while that is still being found out.
#[component]
pub fn SignedOut(
    /// What to show.
    children: ChildrenFn,
) -> impl IntoView {
    let standing = use_auth().standing;
    let signed_out = Memo::new(move |_| standing.with(|standing| matches!(standing, Standing::Failed(_) | Standing::Out(_))));
    move || signed_out.get().then(|| children())
}
