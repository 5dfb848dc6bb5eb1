//! Who is signed in, in one line, and the logout button.

use wristband_spa_auth::yew::{SignedIn, use_auth, use_user_info};
use wristband_spa_auth::{Logout, State};
use yew::prelude::*;

/// The state of the session.
#[component]
pub(crate) fn Status() -> Html {
    let auth = use_auth();
    let user_info = use_user_info();
    let line = match auth.state() {
        State::Loading => "One moment…".to_owned(),
        State::SignedIn(session) => {
            let email = user_info.and_then(Result::ok).and_then(|info| info.email().map(str::to_owned));
            let tenant = session.tenant.name.as_ref().map(|name| format!(" ({})", name.as_str()));
            format!("Signed in as {}{}", email.unwrap_or_else(|| session.user_id.clone()), tenant.unwrap_or_default())
        }
        _ => "Signed out".to_owned(),
    };
    let (status, busy) = (auth.state().name(), auth.busy());
    let logout = move |_: MouseEvent| auth.logout(Logout::new());
    html! {
        <section class="status" data-status={status}>
            <p role="status">{ line }</p>
            <SignedIn><button disabled={busy} onclick={logout}>{ "Log out" }</button></SignedIn>
        </section>
    }
}
