//! Names and values, in a definition list.

use leptos::prelude::*;

/// A name and its value. Belongs in a `<dl class="entries">`.
#[component]
pub(crate) fn Entry(
    /// The name.
    name: &'static str,
    /// The value.
    children: Children,
) -> impl IntoView {
    // The group keeps name and value together in a narrow list.
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{children()}</dd>
        </div>
    }
}

/// A name and a string. Renders nothing without a string.
pub(crate) fn entry(name: &'static str, text: Option<String>) -> Option<impl IntoView> {
    text.map(|text| view! { <Entry name>{text}</Entry> })
}
