//! No sign-in: the buttons change the text.

use yew::prelude::*;

use crate::buttons;

#[component]
pub(crate) fn App() -> Html {
    let error = use_state(|| None);
    let (refused, gone) = (error.clone(), error.clone());
    buttons(move || refused.set(Some("Nobody can sign in.".to_owned())), move || gone.set(None), (*error).clone())
}
