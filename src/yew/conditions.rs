//! What is shown to whom.

use yew::prelude::*;

use super::use_auth;
use crate::face::Standing;

/// What a component shows when its condition holds.
#[derive(Clone, PartialEq, Properties)]
#[allow(missing_debug_implementations, reason = "children have none")]
pub struct ConditionProps {
    /// What to show.
    pub children: Html,
}

/// Shows its children while somebody is signed in.
#[component]
pub fn SignedIn(props: &ConditionProps) -> Html {
    let signed_in = use_auth().state().signed_in().is_some();
    if signed_in { props.children.clone() } else { Html::default() }
}

/// Shows its children while nobody is signed in: not while that is still being found out.
#[component]
pub fn SignedOut(props: &ConditionProps) -> Html {
    let standing = use_auth().standing();
    let signed_out = matches!(standing, Standing::Failed(_) | Standing::Out(_));
    if signed_out { props.children.clone() } else { Html::default() }
}
