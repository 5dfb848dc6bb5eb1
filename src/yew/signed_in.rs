//! Components that depend on whether a user is signed in.

use yew::prelude::*;
use yew::virtual_dom::{Key, VList};

use super::use_auth;
use crate::components::{self, Identity, Status};

/// The properties of [`SignedIn`] and [`SignedOut`].
#[derive(Clone, PartialEq, Properties)]
#[allow(missing_debug_implementations, reason = "children have none")]
pub struct ConditionProps {
    /// What to show.
    pub children: Html,
    /// What to show instead while this does not apply. By default, nothing.
    #[prop_or_default]
    pub fallback: Html,
}

/// Renders its children while a user is signed in. For another user, or another tenant, it mounts them anew: nothing that a
/// child keeps of the previous user is shown to the next.
#[component]
pub fn SignedIn(props: &ConditionProps) -> Html {
    of_user(components::identity(use_auth().state()), &props.children).unwrap_or_else(|| props.fallback.clone())
}

/// What belongs to a user: another user, or another tenant, gets components of its own. `None` if no user is signed in.
pub(super) fn of_user(identity: Identity, children: &Html) -> Option<Html> {
    let (user_id, tenant_id) = identity?;
    let key = [user_id.as_str(), "\n", tenant_id.as_deref().unwrap_or_default()].concat();
    let list = VList::with_children(vec![children.clone()], Some(Key::from(key)));
    // The key counts among the children of a list.
    Some(html! { <>{ Html::from(list) }</> })
}

/// Renders its children while no user is signed in. Renders nothing while the state is loading.
#[component]
pub fn SignedOut(props: &ConditionProps) -> Html {
    let status = use_auth().status();
    let signed_out = matches!(status, Status::Failed(_) | Status::Out(_));
    if signed_out { props.children.clone() } else { props.fallback.clone() }
}
