//! Who is signed in, in one line, and the logout button.

use leptos::prelude::*;

use crate::session::Session;

/// The state of the session.
#[component]
pub(crate) fn Status() -> impl IntoView {
    let session = expect_context::<Session>();
    let line = move || match session.view() {
        None => "One moment…".to_owned(),
        Some(view) if view.status == "signed-in" => {
            let tenant = view.tenant_name.map(|name| format!(" to {name}")).unwrap_or_default();
            let end = if view.is_stored { "" } else { ", until the app ends" };
            format!("Signed in{tenant}{end}")
        }
        Some(view) if view.status == "loading" => "One moment…".to_owned(),
        Some(_) => "Signed out".to_owned(),
    };
    let logout = move |_| session.change::<bool>("logout", ());
    view! {
        <section class="status" data-status=move || session.status()>
            <p role="status">{line}</p>
            <Show when=move || session.is_signed_in()>
                <button disabled=move || session.busy() on:click=logout>"Log out"</button>
            </Show>
        </section>
    }
}
