//! A button to log in, one to log out, and the error as text.
#![allow(unreachable_pub, reason = "the component macro of Leptos always writes `pub`")]

#[cfg_attr(feature = "client", path = "ours.rs")]
#[cfg_attr(feature = "other", path = "other.rs")]
#[cfg_attr(not(any(feature = "client", feature = "other")), path = "alone.rs")]
mod session;

use leptos::prelude::*;

fn main() {
    mount_to_body(session::App);
}

/// The app itself, with any library.
fn buttons(
    login: impl Fn() + 'static,
    logout: impl Fn() + 'static,
    error: impl Fn() -> Option<String> + Send + 'static,
) -> impl IntoView {
    view! {
        <button on:click=move |_| login()>"Log in"</button>
        <button on:click=move |_| logout()>"Log out"</button>
        {move || error().map(|error| view! { <p role="alert">{error}</p> })}
    }
}
