//! A button to log in, one to log out, and the error as text.

#[cfg_attr(feature = "client", path = "ours.rs")]
#[cfg_attr(feature = "other", path = "other.rs")]
#[cfg_attr(not(any(feature = "client", feature = "other")), path = "alone.rs")]
mod session;

use yew::prelude::*;

fn main() {
    yew::Renderer::<session::App>::new().render();
}

/// The app itself, with any library.
fn buttons(login: impl Fn() + 'static, logout: impl Fn() + 'static, error: Option<String>) -> Html {
    html! {
        <>
            <button onclick={move |_: MouseEvent| login()}>{ "Log in" }</button>
            <button onclick={move |_: MouseEvent| logout()}>{ "Log out" }</button>
            if let Some(error) = error {
                <p role="alert">{ error }</p>
            }
        </>
    }
}
