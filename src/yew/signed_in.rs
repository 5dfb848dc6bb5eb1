//! Components that depend on whether a user is signed in.

use yew::prelude::*;

use super::use_auth;
use crate::components::Status;

/// The properties of [`SignedIn`] and [`SignedOut`].
#[derive(Clone, PartialEq, Properties)]
#[allow(missing_debug_implementations, reason = "children have none")]
pub struct ConditionProps {
    /// What to show.
    pub children: Html,
}

/// Renders its children while a user is signed in.
#[component]
pub fn SignedIn(props: &ConditionProps) -> Html {
    let signed_in = use_auth().state().signed_in().is_some();
    if signed_in { props.children.clone() } else { Html::default() }
}

/// Renders its children while no user is signed in. Renders nothing while the state is loading.
#[component]
pub fn SignedOut(props: &ConditionProps) -> Html {
    let status = use_auth().status();
    let signed_out = matches!(status, Status::Failed(_) | Status::Out(_));
    if signed_out { props.children.clone() } else { Html::default() }
}
