//! No sign-in: the buttons change the text.

use leptos::prelude::*;

use crate::buttons;

#[component]
pub(crate) fn App() -> impl IntoView {
    let error = RwSignal::new(None);
    buttons(move || error.set(Some("Nobody can sign in.".to_owned())), move || error.set(None), move || error.get())
}
