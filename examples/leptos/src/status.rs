//! Who is signed in, in one line, and the logout button.

use leptos::prelude::*;
use wristband_spa_auth::leptos::{SignedIn, use_auth, use_user_info};
use wristband_spa_auth::{Logout, State};

/// The state of the session.
#[component]
pub(crate) fn Status() -> impl IntoView {
    let auth = use_auth();
    let user_info = use_user_info();
    let line = move || match auth.state().get() {
        State::Loading => "One moment…".to_owned(),
        State::SignedIn(session) => {
            let email = user_info.get().and_then(Result::ok).and_then(|info| info.email().map(str::to_owned));
            let tenant = session.tenant.name.as_ref().map(|name| format!(" ({})", name.as_str()));
            format!("Signed in as {}{}", email.unwrap_or_else(|| session.user_id.clone()), tenant.unwrap_or_default())
        }
        _ => "Signed out".to_owned(),
    };
    view! {
        <section class="status" data-status=move || auth.state().with(State::name)>
            <p role="status">{line}</p>
            <SignedIn>
                <button disabled=auth.busy() on:click=move |_| auth.logout(Logout::new())>"Log out"</button>
            </SignedIn>
        </section>
    }
}
