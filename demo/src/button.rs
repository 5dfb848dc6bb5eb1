//! A button that is disabled while its action runs.

use leptos::html;
use leptos::prelude::*;

/// A button that is disabled while its action runs.
#[component]
pub(crate) fn ActionButton(
    /// The button's label.
    #[prop(into)]
    label: Signal<&'static str>,
    /// Whether the action is running, or cannot be started.
    #[prop(into)]
    disabled: Signal<bool>,
    /// Starts the action.
    on_press: impl Fn() + 'static,
) -> impl IntoView {
    let button = NodeRef::<html::Button>::new();
    let pressed = StoredValue::new(false);
    // A button loses the focus when it is disabled. Keyboard users get it back, unless they have
    // moved the focus elsewhere meanwhile.
    Effect::new(move |_| {
        if !disabled.get() && pressed.get_value() {
            pressed.set_value(false);
            let nowhere = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
            if let Some(button) = button.get_untracked().filter(|_| nowhere) {
                let _ = button.focus();
            }
        }
    });
    let press = move |_| {
        pressed.set_value(true);
        on_press();
    };
    view! { <button type="button" node_ref=button disabled=disabled on:click=press>{label}</button> }
}
