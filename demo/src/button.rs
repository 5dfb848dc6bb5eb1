//! A button that waits for what it began.

use leptos::html;
use leptos::prelude::*;

/// A button that is disabled while its own action is under way.
#[component]
pub(crate) fn ActionButton(
    /// What it does.
    #[prop(into)]
    label: Signal<&'static str>,
    /// Whether that is under way, or cannot be begun.
    #[prop(into)]
    disabled: Signal<bool>,
    /// Does it.
    on_press: impl Fn() + 'static,
) -> impl IntoView {
    let button = NodeRef::<html::Button>::new();
    let pressed = StoredValue::new(false);
    // A button loses the focus when it is disabled. Whoever works with the keyboard gets it back,
    // unless they have gone on to something else.
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
